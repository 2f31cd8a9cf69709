// Each fault does what it says to the calls it is meant for, and to no other.
import { createPublicKey } from 'node:crypto';
import Ecs from '@alicloud/ecs20140526';
import { describe, expect, it } from 'vitest';
import { publicKeyLine, samePublicKey } from '../../lib/ssh/public-key.ts';
import type { Clouds } from '../../local/clouds/clouds.ts';
import { faultShapes } from '../../local/clouds/faults/checked-rule.ts';
import type { Fault, FaultKind, FaultRule } from '../../local/clouds/faults/fault.ts';
import { digest } from '../../local/clouds/keys/digests.ts';
import { type Answer, call, createCall, keyObject, privateKeyOf, type ServiceName } from './support/raw.ts';
import { ecsClient } from './support/sdks.ts';
import { started } from './support/started.ts';

const create = (clouds: Clouds, service: ServiceName, name = 'a1'): Promise<Answer> =>
  call(clouds, service, 'CreateKeyPair', createCall(service, name));
/** One create under one fault, and how many pairs there are then. */
async function under(
  fault: Fault,
  service: ServiceName = 'ens',
): Promise<{ clouds: Clouds; answer: Answer; pairs: number }> {
  const clouds = await started();
  clouds.admin.addFault({ match: { service }, fault });
  const answer = await create(clouds, service);
  return { clouds, answer, pairs: clouds.admin.pairs().length };
}
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const publicLineOf = (answer: Answer): string => publicKeyLine(createPublicKey(keyObject(privateKeyOf(answer))));

type Tests = { readonly [K in FaultKind]: () => Promise<void> };
const tests: Tests = {
  async delay() {
    const begun = performance.now();
    const { answer } = await under({ kind: 'delay', delayMs: 60 });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(59);
    expect(answer.code).toBe('');
  },
  async refuse() {
    const before = await under({ kind: 'refuse', code: 'KeyPair.AlreadyExist' }, 'ecs');
    expect(before).toMatchObject({ pairs: 0, answer: { status: 400, message: 'The key pair already exist.' } });
    const own = await under({ kind: 'refuse', code: 'Own.Code', status: 418, message: 'Tea.' });
    expect(own).toMatchObject({ pairs: 0, answer: { status: 418, code: 'Own.Code', message: 'Tea.' } });
    const after = await under({ kind: 'refuse', code: 'InternalError', when: 'after-commit' }, 'ecs');
    expect(after).toMatchObject({ pairs: 1, answer: { status: 500, code: 'InternalError' } });
    const template = await under({ kind: 'refuse', code: 'InvalidParameter.KeyPairName' });
    expect(template.answer.message).toBe('The specified field KeyPairName invalid. Please check it again.');
  },
  async throttle() {
    const plain = await under({ kind: 'throttle' }, 'ecs');
    expect(plain).toMatchObject({ pairs: 0, answer: { status: 400, code: 'Throttling.User' } });
    expect(plain.answer.headers['x-acs-retry-after']).toBeUndefined();
    const timed = await under({ kind: 'throttle', retryAfterMs: 1500 });
    expect(timed.answer.headers['x-acs-retry-after']).toBe('1500');
    const cvm = await under({ kind: 'throttle' }, 'cvm');
    expect(cvm).toMatchObject({ pairs: 0, answer: { status: 200, code: 'RequestLimitExceeded' } });
  },
  async drop() {
    for (const [when, pairs] of [
      ['before-commit', 0],
      ['after-commit', 1],
    ] as const) {
      const clouds = await started();
      clouds.admin.addFault({ fault: { kind: 'drop', when } });
      await expect(create(clouds, 'ecs')).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(clouds.admin.pairs()).toHaveLength(pairs);
    }
  },
  async stall() {
    for (const [when, pairs] of [
      ['before-commit', 0],
      ['after-commit', 1],
    ] as const) {
      const clouds = await started();
      clouds.admin.addFault({ fault: { kind: 'stall', when } });
      const silent = create(clouds, 'ecs').catch(() => 'closed');
      // Another call is answered while this one is not; closing the server ends it.
      while (clouds.admin.requests().length === 0) await call(clouds, 'ens', 'DescribeKeyPairs');
      expect(await Promise.race([silent, call(clouds, 'ens', 'DescribeKeyPairs').then(() => 'still silent')])).toBe(
        'still silent',
      );
      expect(clouds.admin.pairs()).toHaveLength(pairs);
      await clouds.close();
      expect(await silent).toBe('closed');
    }
  },
  async 'server-error'() {
    const before = await under({ kind: 'server-error', when: 'before-commit' });
    expect(before).toMatchObject({ pairs: 0, answer: { status: 502, headers: { 'content-type': 'text/html' } } });
    expect(before.answer.text).toContain('<html>');
    const after = await under({ kind: 'server-error', when: 'after-commit', status: 504 }, 'cvm');
    expect(after).toMatchObject({ pairs: 1, answer: { status: 504 } });
  },
  async 'empty-body'() {
    expect(await under({ kind: 'empty-body' })).toMatchObject({ pairs: 1, answer: { status: 200, text: '' } });
  },
  async truncated() {
    const half = await under({ kind: 'truncated', how: 'json' });
    expect(half).toMatchObject({ pairs: 1, answer: { status: 200 } });
    expect(Number(half.answer.headers['content-length'])).toBe(half.answer.text.length);
    expect(isJson(half.answer.text)).toBe(false);
    await expect(under({ kind: 'truncated', how: 'length' })).rejects.toThrow();
  },
  async 'malformed-json'() {
    const { answer, pairs } = await under({ kind: 'malformed-json' });
    expect([answer.status, isJson(answer.text), pairs]).toEqual([200, false, 1]);
  },
  async 'missing-field'() {
    const { answer } = await under({ kind: 'missing-field', field: 'KeyPairId' });
    expect(Object.keys(answer.body).sort()).toEqual([
      'KeyPairFingerPrint',
      'KeyPairName',
      'PrivateKeyBody',
      'RequestId',
    ]);
    const deep = await under({ kind: 'missing-field', field: 'KeyPair.PrivateKey' }, 'cvm');
    expect(Object.keys(deep.answer.body.KeyPair as unknown as object)).not.toContain('PrivateKey');
    expect(Object.keys(deep.answer.body.KeyPair as unknown as object)).toContain('PublicKey');
  },
  async 'wrong-type'() {
    expect((await under({ kind: 'wrong-type', field: 'KeyPairId' })).answer.body.KeyPairId).toBe(4711);
    const clouds = await started();
    clouds.admin.addFault({ fault: { kind: 'wrong-type', field: 'TotalCount' } });
    // What the real SDK makes of it, although the server succeeded.
    const ask = ecsClient(clouds, clouds.credentials.alibaba).describeKeyPairs(
      new Ecs.DescribeKeyPairsRequest({ regionId: 'cn-hangzhou' }),
    );
    await expect(ask).rejects.toThrow('type of totalCount is mismatch');
  },
  async 'error-in-200'() {
    const { answer, pairs } = await under({ kind: 'error-in-200', code: 'InternalError' }, 'ecs');
    expect(answer).toMatchObject({ status: 200, body: { Code: 'InternalError', KeyPairName: 'a1' } });
    expect(pairs).toBe(1);
  },
  async echo() {
    const { answer, pairs } = await under({ kind: 'echo', place: 'id', form: 'letters' }, 'cvm');
    const { KeyId, PrivateKey } = answer.body.KeyPair as unknown as Record<string, string>;
    expect(PrivateKey!.replaceAll('\n', '')).toContain(KeyId);
    expect(pairs).toBe(1);
    expect((await under({ kind: 'echo', place: 'location', form: 'hex' })).answer.status).toBe(302);
  },
  async 'wrong-fingerprint'() {
    for (const service of ['ens', 'ecs'] as const) {
      const { answer } = await under({ kind: 'wrong-fingerprint' }, service);
      const told = String(answer.body.KeyPairFingerPrint);
      expect(told.replaceAll(':', '')).toMatch(/^[0-9a-f]{32}$/);
      expect(told.includes(':')).toBe(service === 'ecs');
      expect(told.replaceAll(':', '')).not.toBe(digest('md5-ssh', keyObject(privateKeyOf(answer))));
    }
    const { answer } = await under({ kind: 'wrong-fingerprint' }, 'cvm');
    const { PublicKey } = answer.body.KeyPair as unknown as { PublicKey: string };
    expect(samePublicKey(PublicKey, publicLineOf(answer))).toBe(false);
  },
  async 'other-private-key'() {
    const { answer, clouds } = await under({ kind: 'other-private-key' }, 'cvm');
    const { PublicKey } = answer.body.KeyPair as unknown as { PublicKey: string };
    expect(samePublicKey(PublicKey, clouds.admin.pairs()[0]!.publicKey)).toBe(true);
    expect(samePublicKey(PublicKey, publicLineOf(answer))).toBe(false);
  },
  async variant() {
    const { answer, clouds } = await under({
      kind: 'variant',
      digest: 'sha1-pkcs8',
      colons: true,
      format: 'bare-base64',
    });
    expect(privateKeyOf(answer)).not.toContain('BEGIN');
    expect(String(answer.body.KeyPairFingerPrint).replaceAll(':', '')).toBe(
      digest('sha1-pkcs8', keyObject(privateKeyOf(answer))),
    );
    expect(String(answer.body.KeyPairFingerPrint)).toMatch(/^([0-9a-f]{2}:){19}/);
    expect(privateKeyOf(await create(clouds, 'ens', 'a2'))).toContain('BEGIN');
  },
  async oversized() {
    const { answer } = await under({ kind: 'oversized', bytes: 300_000 });
    expect(answer.text).toHaveLength(300_000);
    expect(answer.body.KeyPairName).toBe('a1');
  },
  async trickle() {
    const { answer } = await under({ kind: 'trickle', bytes: 100, everyMs: 1 });
    expect(answer.body.KeyPairName).toBe('a1');
  },
};

describe.each(Object.entries(tests))('the fault %s', (kind, test) => {
  it('does what it says', test);
  it('is one of those that the plan knows', () => expect(Object.keys(faultShapes)).toContain(kind));
});

describe('a rule', () => {
  const refusal: Fault = { kind: 'refuse', code: 'CallInterface' };
  const codes = async (clouds: Clouds, count: number): Promise<string[]> => {
    const seen: string[] = [];
    for (let n = 0; n < count; n += 1) seen.push((await call(clouds, 'ens', 'DescribeKeyPairs')).code);
    return seen;
  };

  it.each<[string, Partial<FaultRule>, string[]]>([
    ['takes one call unless told otherwise', {}, ['CallInterface', '', '']],
    ['takes as many as told', { times: 2 }, ['CallInterface', 'CallInterface', '']],
    ['takes every call', { times: 'always' }, ['CallInterface', 'CallInterface', 'CallInterface']],
    ['lets some pass first', { skip: 1 }, ['', 'CallInterface', '']],
  ])('%s', async (_name, rule, seen) => {
    const clouds = await started();
    clouds.admin.addFault({ ...rule, fault: refusal });
    expect(await codes(clouds, 3)).toEqual(seen);
  });

  it.each<[FaultRule['match'], boolean]>([
    [{ service: 'ecs' }, true],
    [{ service: 'ens' }, false],
    [{ action: 'CreateKeyPair' }, true],
    [{ action: 'DescribeKeyPairs' }, false],
    [{ name: 'a1' }, true],
    [{ name: 'a2' }, false],
    [{ region: 'cn-hangzhou' }, true],
    [{ region: 'eu-central-1' }, false],
    [{ service: 'ecs', action: 'CreateKeyPair', name: 'a1', region: 'cn-hangzhou' }, true],
    [{ service: 'ecs', name: 'a2' }, false],
  ])('takes the call only if its match fits: %o (takes it: %s)', async (match, taken) => {
    const clouds = await started();
    clouds.admin.addFault({ match: match ?? {}, fault: { kind: 'refuse', code: 'InternalError' } });
    expect((await create(clouds, 'ecs')).code).toBe(taken ? 'InternalError' : '');
    expect(clouds.admin.faults()).toMatchObject([{ seen: taken ? 1 : 0, done: taken ? 1 : 0 }]);
  });

  it('waits and then does the rest, so that the pair is made long before the connection drops', async () => {
    const clouds = await started();
    clouds.admin.addFault({ fault: { kind: 'drop', when: 'after-commit', delayMs: 30, delayWhen: 'after-commit' } });
    await expect(create(clouds, 'ecs')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(clouds.admin.requests()).toMatchObject([{ action: 'CreateKeyPair', name: 'a1', status: 0, fault: 'drop' }]);
  });

  it('is removed by its id, or together with all the others', async () => {
    const clouds = await started();
    const { id } = clouds.admin.addFault({ fault: refusal });
    clouds.admin.addFault({ fault: refusal });
    expect(clouds.admin.removeFault(id)).toBe(true);
    expect(clouds.admin.removeFault(id)).toBe(false);
    expect(clouds.admin.faults()).toHaveLength(1);
    clouds.admin.clearFaults();
    expect(await codes(clouds, 1)).toEqual(['']);
  });

  it.each<[string, unknown]>([
    ['fault.kind', { fault: { kind: 'explode' } }],
    ['when', { fault: { kind: 'drop' } }],
    ['code', { fault: { kind: 'refuse' } }],
    ['how', { fault: { kind: 'truncated', how: 'gently' } }],
    ['colour', { fault: { kind: 'throttle', colour: 'blue' } }],
    ['colour', { colour: 'blue', fault: { kind: 'throttle' } }],
    ['service', { match: { service: 'oss' }, fault: { kind: 'throttle' } }],
    ['times', { times: 0, fault: { kind: 'throttle' } }],
    ['skip', { skip: -1, fault: { kind: 'throttle' } }],
    ['fault', {}],
  ])('is refused with a word about %s: %o', async (word, rule) => {
    const { admin } = await started();
    expect(() => admin.addFault(rule as FaultRule)).toThrow(word);
  });
});
