import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PolicyAnswer, PolicyBody } from '../../../lib/contract/policy-body.ts';
import { invalidFields } from '../../../lib/contract/problem-of.ts';
import { policyView } from '../../../lib/contract/rotation-view.ts';
import { publicKeyLine } from '../../../lib/ssh/public-key.ts';
import type { PolicyChange } from '../../../lib/vending/rotation/policy.ts';
import { rotationDefaults } from '../../doubles/rotation-defaults.ts';

const pointers = (body: unknown) => {
  const result = PolicyBody.safeParse(body);
  return result.success ? [] : invalidFields(result.error).map(({ pointer }) => pointer);
};
const host = (over: object = {}) => ({ host: 'web-1.example.com', user: 'root', ...over });
const by = (user: string) => host({ user });
const hosts = (...all: object[]) => ({ hosts: all });
const ed25519 = publicKeyLine(generateKeyPairSync('ed25519').publicKey);
const pin = `SHA256:${'a'.repeat(43)}`;

describe('a policy', () => {
  it.each<[string, unknown]>([
    ['no field at all', {}],
    [
      'every field',
      { maxAgeDays: 90, overlapDays: 7, coverage: 0.9, maxParallelHosts: 50, recordHostKeys: true, hosts: [] },
    ],
    ['fractions of a day', { maxAgeDays: 0.0001, overlapDays: 0.5 }],
    [
      'a host name, a port and pinned keys',
      hosts(host({ port: 2222, hostKeys: [pin, ed25519, `${ed25519} root@web-1`] })),
    ],
    [
      'addresses of both kinds',
      hosts(host({ host: '192.0.2.7' }), host({ host: '2001:db8::7' }), host({ host: '::1' })),
    ],
    ['a host name of one label, and one in capitals', hosts(host({ host: 'bastion' }), host({ host: 'WEB.EXAMPLE' }))],
    [
      'user names as systems have them',
      hosts(host({ user: '_apt' }), host({ user: 'ec2-user' }), host({ user: 'a.b_c-1' })),
    ],
    [
      'users as shadow-utils, FreeBSD and macOS have them',
      hosts(...['Admin', '0day', '4242', '.hidden', 'build.', 'web01$', '_www', 'a'.repeat(255)].map(by)),
    ],
    [
      'users of a directory',
      hosts(
        ...['CORP\\j.doe', 'CORP+jdoe', 'j.doe@corp.example', 'CORP\\WEB01$', 'x'.repeat(64), 'J-Doe@CORP'].map(by),
      ),
    ],
    ['a jump host', hosts(host({ via: { ...by('jump'), hostKeys: [pin] } }))],
    ['a jump host with a port of its own', hosts(host({ via: { ...by('jump'), port: 2222, hostKeys: [ed25519] } }))],
    ['several accounts on one machine', hosts(host(), host({ user: 'deploy' }), host({ port: 2222 }))],
    ['a management key', { managementKey: 'web:admin' }],
    ['2,000 hosts', hosts(...Array.from({ length: 2_000 }, (_, i) => host({ host: `web-${i}.example.com` })))],
  ])('is accepted with %s', (_, body) => expect(pointers(body)).toEqual([]));

  it.each<[string, unknown, string[]]>([
    ['a body that is not an object', [], ['#/']],
    ['an unknown field', { colour: 'red' }, ['#/colour']],
    ['an unknown field of a host', hosts(host({ password: 'x' })), ['#/hosts/0/password']],
    ['numbers of days that are out of range', { maxAgeDays: -1, overlapDays: 366 }, ['#/maxAgeDays', '#/overlapDays']],
    ['a number of days that is text', { maxAgeDays: '90' }, ['#/maxAgeDays']],
    ['an age of more than a decade', { maxAgeDays: 3651 }, ['#/maxAgeDays']],
    ['a coverage of nothing', { coverage: 0 }, ['#/coverage']],
    ['a coverage of more than everything', { coverage: 1.01 }, ['#/coverage']],
    ['half a host at once', { maxParallelHosts: 1.5 }, ['#/maxParallelHosts']],
    ['a host without a user', hosts({ host: 'web' }), ['#/hosts/0/user']],
    [
      'ports that are out of range',
      hosts(host({ port: 0 }), host({ port: 65_536 })),
      ['#/hosts/0/port', '#/hosts/1/port'],
    ],
    ['a host with a blank', hosts(host({ host: 'web 1' })), ['#/hosts/0/host']],
    ['an option where a host belongs', hosts(host({ host: '-oProxyCommand=x' })), ['#/hosts/0/host']],
    ['a user in the host', hosts(host({ host: 'root@web' })), ['#/hosts/0/host']],
    ['an address with a scope that only one machine knows', hosts(host({ host: 'fe80::1%eth0' })), ['#/hosts/0/host']],
    [
      'numbers that some take for an address',
      hosts(host({ host: '127.1' }), host({ host: '2130706433' })),
      ['#/hosts/0/host', '#/hosts/1/host'],
    ],
    ['an underscore in a host name', hosts(host({ host: 'web_1' })), ['#/hosts/0/host']],
    ['a host name that is too long', hosts(host({ host: `${'a'.repeat(63)}.`.repeat(4) })), ['#/hosts/0/host']],
    ['a jump host without a host key', hosts(host({ via: by('jump') })), ['#/hosts/0/via/hostKeys']],
    ['a jump host with no host key', hosts(host({ via: { ...by('jump'), hostKeys: [] } })), ['#/hosts/0/via/hostKeys']],
    ['a jump host that is none', hosts(host({ via: 'gate' })), ['#/hosts/0/via']],
    [
      'a jump host with a wrong name, user and key',
      hosts(host({ via: { host: 'a b', user: 'a:b', hostKeys: ['x'] } })),
      ['#/hosts/0/via/host', '#/hosts/0/via/user', '#/hosts/0/via/hostKeys/0'],
    ],
    [
      'a jump host behind another one',
      hosts(host({ via: { ...by('jump'), hostKeys: [pin], via: { ...by('gate'), hostKeys: [pin] } } })),
      ['#/hosts/0/via/via'],
    ],
    ['a user with a newline', hosts(host({ user: 'root\n' })), ['#/hosts/0/user']],
    ['a user that is an option', hosts(host({ user: '-l' })), ['#/hosts/0/user']],
    ...[
      ...[
        '',
        '.',
        '..',
        '+x',
        '~x',
        '$',
        'a$b',
        'a'.repeat(256),
        'a:b',
        'a/b',
        '../x',
        'a b',
        ' a',
        'a ',
        'a,b',
        'a;b',
        'a"b',
      ],
      ...['a\0b', 'a\tb', 'a\r', 'a\x7f', 'a\x1b[1m', 'caf\xe9', '\u0430dmin', 'a\u200bb', 'a\u202eb', '%u', '`id`'],
      ...[
        '@host',
        'a@',
        'a@b@c',
        'a@[::1]',
        'a@b:22',
        'a@b.',
        'a@-b',
        '\\a',
        'A\\',
        'A\\B\\c',
        'A\\..\\b',
        'A\\-l',
        'A\\/b',
      ],
    ].map((user): [string, object, string[]] => [
      `the user ${JSON.stringify(user).slice(0, 30)}`,
      hosts(host({ user })),
      ['#/hosts/0/user'],
    ]),
    ['an MD5 fingerprint', hosts(host({ hostKeys: [`MD5:${'00:'.repeat(15)}00`] })), ['#/hosts/0/hostKeys/0']],
    ['a host key that is cut short', hosts(host({ hostKeys: [ed25519.slice(0, 20)] })), ['#/hosts/0/hostKeys/0']],
    ['two lines in one host key', hosts(host({ hostKeys: [`${ed25519}\n${ed25519}`] })), ['#/hosts/0/hostKeys/0']],
    [
      'a host key with its host in front of it',
      hosts(host({ hostKeys: [`web ${ed25519}`] })),
      ['#/hosts/0/hostKeys/0'],
    ],
    ['17 host keys', hosts(host({ hostKeys: Array(17).fill(pin) })), ['#/hosts/0/hostKeys']],
    ['the same account twice', hosts(host(), host({ host: 'WEB-1.example.com', port: 22 })), ['#/hosts']],
    ['2,001 hosts', hosts(...Array.from({ length: 2_001 }, (_, i) => host({ host: `web-${i}` }))), ['#/hosts']],
    ['a management key that is a path', { managementKey: '../x' }, ['#/managementKey']],
  ])('is refused for %s, and the answer names every field at fault', (_, body, expected) =>
    expect(pointers(body)).toEqual(expected),
  );

  it('never has its values repeated in the answer', () => {
    const result = PolicyBody.safeParse(hosts(host({ host: 'p4ss w0rd', user: 'P4SS:', 'p4ss w0rd': 1 })));
    expect(JSON.stringify(invalidFields(result.error!))).not.toMatch(/p4ss/i);
  });

  it('is answered with the jump hosts that it has', () => {
    const listed = host({ via: { ...by('jump'), hostKeys: [pin] } });
    const policy = PolicyBody.parse(hosts(listed)) as PolicyChange;
    expect(PolicyAnswer.parse(policyView({ policy }, rotationDefaults)).hosts).toEqual([
      { ...host(), port: 22, hostKeys: [], via: { ...by('jump'), port: 22, hostKeys: [pin] } },
    ]);
  });

  it('is answered with every value that applies, its own taking precedence over what is configured', () => {
    const policy = PolicyBody.parse({ maxAgeDays: 90, ...hosts(host()) });
    const answer = policyView({ policy: policy as PolicyChange }, rotationDefaults);
    expect(PolicyAnswer.parse(answer)).toEqual({
      ...rotationDefaults,
      maxAgeDays: 90,
      hosts: [{ ...host(), port: 22, hostKeys: [] }],
    });
  });
});
