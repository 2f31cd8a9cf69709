// `keyvend access` as an operator runs it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const keyvend = (...words: string[]) =>
  spawnSync(process.execPath, ['local/keyvend.ts', 'access', ...words], { encoding: 'utf8' });
const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const explain = (claims: unknown, ...words: string[]) =>
  keyvend('explain', 'access/example.yaml', '--as', file('claims.json', claims), ...words);

describe('keyvend access explain', () => {
  it('names the grant that allows something', () => {
    const { stdout, status } = explain(
      { sub: 'u', groups: ['team-a'] },
      'vend',
      'ecs',
      'team-a-1',
      '--region',
      'cn-hangzhou',
    );
    expect({ stdout, status }).toEqual({
      stdout: expect.stringMatching(/^allowed: "vend" .*\n.*\n {2}grant {4}team-a\n$/),
      status: 0,
    });
  });

  it('says field by field why nothing does, the nearest grant first', () => {
    const { stdout, status } = explain(
      { sub: 'u', groups: ['team-a'] },
      'vend',
      'ecs',
      'team-ab',
      '--region',
      'cn-hangzhou',
    );
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'denied: no grant of "vend" on ecs default/cn-hangzhou/team-ab',
      '  caller   issuer default, subject u',
      '  nearest  team-a: who yes, may yes, provider yes, account yes, region yes, name NO (team-a-*)',
    ]);
  });

  it('explains senders of a queue as well', () => {
    expect(explain({ queue: 'keyvend-ens', sender: 'AIDA' }, 'vend', 'ens', 'edge').status).toBe(0);
    expect(explain({ queue: 'keyvend-ens', sender: 'AIDA' }, 'retire', 'ens', 'edge').status).toBe(1);
  });

  it.each([
    [['vend', 'ecs', 'web'], /region/],
    [['vendor', 'ens', 'web'], /a right is one of/],
    [['vend', 'gcp', 'web'], /provider/],
    [['vend', 'ens'], /name is missing/],
    [[], /right is missing/],
  ])('says what is wrong with %j', (words, why) => {
    const { stderr, status } = explain({ sub: 'u' }, ...words);
    expect({ stderr, status }).toEqual({ stderr: expect.stringMatching(why), status: 2 });
  });
});

describe('keyvend access check', () => {
  it('ends with 1 and names every fault', () => {
    const written = file(
      'wrong.yaml',
      'version: 1\nissuers: {}\ngrants:\n  - { id: a, may: [vendor], who: { issuer: x, subject: y }, on: { provider: any, account: any, region: any, name: ["*"] } }\n',
    );
    const { stderr, status } = keyvend('check', written);
    expect(status).toBe(1);
    expect(stderr).toMatch(/grants\.0\.may/);
    expect(stderr).toMatch(/grants\.0\.on\.name/);
  });

  it.each([
    ['is there twice', 'version: 1\nversion: 1\n'],
    ['is an alias', 'version: &v 1\nissuers: *v\n'],
    ['is no YAML', '{'],
  ])('refuses a file in which something %s', (_, text) => {
    expect(keyvend('check', file('odd.yaml', text))).toMatchObject({ status: 1, stdout: '' });
  });

  it('prints what it found as JSON as well', () => {
    const { stdout, status } = keyvend('check', 'access/example.yaml', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ issuers: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('compiles what it has checked, and functions take that', () => {
    const { stdout, status } = keyvend('compile', 'access/example.yaml');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      document: { version: 1 },
    });
  });
});
