import { afterEach, describe, expect, it } from 'vitest';
import { awsStore } from '../../../lib/secrets/secrets-manager/aws-store.ts';
import { TRIES } from '../../../lib/transport/tries.ts';
import { type AwsHarness, awsOnStandIn } from '../../conformance/secret-aws-local.ts';
import { refusal } from '../../conformance/secret-aws-stand-in.ts';
import {
  aKey,
  anId,
  currentOf,
  expectNoKey,
  failureOf,
  idsOf,
  kept,
  keptAsCurrent,
  textOf,
  web,
} from '../../conformance/secret-harness.ts';

let aws: AwsHarness;
const start = async () => {
  aws = await awsOnStandIn();
  return { ...aws, calls: aws.standIn.calls, rules: aws.standIn.rules, faults: aws.standIn.faults };
};
afterEach(() => aws.stop());

const html = { status: 502, body: '<html>Bad gateway</html>' };
const passing = {
  'a connection dropped before the action': {},
  'a connection dropped after the action': { after: true },
  'an internal error': { answer: refusal('InternalServiceError', 500) },
  'HTML after the action': { after: true, answer: html },
  'half an answer after the action': { after: true, answer: { status: 200, body: '{"ARN":"arn:a' } },
  'an empty answer after the action': { after: true, answer: { status: 200, body: '' } },
  throttling: { answer: refusal('ThrottlingException') },
  'a token that has expired': { answer: refusal('ExpiredTokenException') },
};
const actions = ['CreateSecret', 'DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];

describe('a key whose secret was prepared', () => {
  it.each([false, true])('is stored by one call, with nothing before it (secret there already: %s)', async (there) => {
    const { store, calls } = await start();
    if (there) await kept(store, web);
    await store.prepare(web);
    const before = calls.length;
    await kept(store, web);
    expect(calls.slice(before).map(({ action }) => action)).toEqual(['PutSecretValue']);
  });
});

describe('a fault of AWS Secrets Manager that passes', () => {
  it.each(Object.entries(passing))('%s leaves the mark of the pending version where it belongs', async (_, fault) => {
    const { store, faults } = await start();
    const [first, second] = [await keptAsCurrent(store, web), await kept(store, web)];
    for (const wanted of [second.id, first.id, undefined]) {
      faults.push({ action: 'UpdateSecretVersionStage', ...fault });
      await store.markPending(web, wanted);
      const marked = (await store.find(web))?.versions.filter(({ pending }) => pending).map(({ id }) => id);
      expect(marked).toEqual(wanted === undefined ? [] : [wanted]);
    }
  });

  it.each(Object.entries(passing))('%s is made good by trying again, whatever the call', async (_, fault) => {
    const { store, faults } = await start();
    for (const action of [...actions, 'DeleteSecret', 'RestoreSecret', 'ListSecrets'])
      faults.push({ action, ...fault });
    const first = await keptAsCurrent(store, web);
    const second = await kept(store, web);
    expect(await store.makeCurrent(web, second.id, first.id)).toBe(true);
    await store.remove(web, first.id);
    expect(idsOf((await store.list()).secrets[0])).toEqual([second.id]);
    await store.remove(web, second.id);
    expect(await store.find(web)).toBeUndefined();
    await store.put(web, second.id, second.key);
    expect(await textOf(store.reveal(web, second.id))).toBe(second.key.reveal());
    expect(currentOf(await store.find(web))).toBe(second.id);
    expect(faults).toEqual([]);
  });

  it('makes the store wait longer each time, by the wait passed in', async () => {
    const { open, faults } = await start();
    const waits: number[] = [];
    const store = open({ jitter: () => 1, wait: async (ms) => void waits.push(ms) });
    faults.push({ action: 'DescribeSecret' }, { action: 'DescribeSecret' });
    await store.find(web);
    expect(waits).toEqual([200, 400]);
  });
});

describe('a fault of AWS Secrets Manager that stays', () => {
  it('leaves unknown whether a put stored its key, even when the last try was refused', async () => {
    const { store, faults, calls } = await start();
    const key = aKey();
    const lost = { action: 'PutSecretValue', after: true };
    faults.push(lost, lost, lost);
    const failure = await failureOf(store.put(web, anId(), key));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'unknown' });
    expect(calls.filter(({ action }) => action === 'PutSecretValue')).toHaveLength(TRIES);
    expectNoKey(key, failure);
    faults.push(lost, { action: 'PutSecretValue', answer: refusal('AccessDeniedException') });
    expect(await failureOf(store.put({ ...web, name: 'db' }, anId(), key))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      effect: 'unknown',
      upstreamCode: 'AccessDeniedException',
    });
  });

  it('is made good by the next put, which finds the key of the lost one there', async () => {
    const { store, faults } = await start();
    const [id, key] = [anId(), aKey()];
    faults.push(...Array.from({ length: TRIES }, () => ({ action: 'PutSecretValue', after: true })));
    expect(await failureOf(store.put(web, id, key))).toMatchObject({ effect: 'unknown' });
    await store.put(web, id, key);
    expect(idsOf(await store.find(web))).toEqual([id]);
  });

  it('has no effect when it is throttling', async () => {
    const { store, faults } = await start();
    const throttled = { action: 'PutSecretValue', answer: refusal('ThrottlingException') };
    faults.push(throttled, throttled, throttled);
    const failure = await failureOf(store.put(web, anId(), aKey()));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none', upstreamCode: 'ThrottlingException' });
  });

  const refusals = [
    'AccessDeniedException',
    'EncryptionFailure',
    'LimitExceededException',
    'InvalidParameterException',
    'UnrecognizedClientException',
    'MalformedPolicyDocumentException',
  ];
  it.each(refusals)(
    '%s is reported at once as a refusal, with AWS’s code and nothing else of the answer',
    async (type) => {
      const { store, faults, calls } = await start();
      const key = aKey();
      for (let times = 0; times < 2; times += 1) await store.prepare(web); // the secret is not a new one
      const prepared = calls.length;
      const body = JSON.stringify({ __type: `com.amazonaws#${type}`, Message: `no: ${key.reveal()}` });
      faults.push({ action: 'PutSecretValue', answer: { status: 400, body } });
      const failure = await failureOf(store.put(web, anId(), key));
      expect(failure).toMatchObject({
        code: 'STORE_REFUSED',
        effect: 'none',
        upstreamCode: type,
        requestId: `request-${calls.length}`,
      });
      expect(calls.slice(prepared).map(({ action }) => action)).toEqual(['PutSecretValue']);
      expectNoKey(key, failure);
    },
  );

  it('is a refusal too when decryption fails, and the key stays stored', async () => {
    const { store, faults } = await start();
    const { id } = await kept(store, web);
    faults.push({ action: 'GetSecretValue', answer: refusal('DecryptionFailure') });
    expect(await failureOf(store.reveal(web, id))).toMatchObject({ code: 'STORE_REFUSED' });
    expect(idsOf(await store.find(web))).toEqual([id]);
  });

  it('is a refusal for a wrong signature, and an unavailable store for a lack of credentials, without their words', async () => {
    const { open, options } = await start();
    const secretAccessKey = aKey();
    const wrong = open({ credentials: async () => ({ ...(await options.credentials()), secretAccessKey }) });
    const upstreamCode = 'InvalidSignatureException';
    expect(await failureOf(wrong.find(web))).toMatchObject({ code: 'STORE_REFUSED', upstreamCode });
    const none = open({ credentials: () => Promise.reject(new Error(secretAccessKey.reveal())) });
    const failure = await failureOf(none.find(web));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'none' });
    expectNoKey(secretAccessKey, failure);
  });

  it('ends with an unknown effect when others keep deleting the secret under our hands', async () => {
    const { store, faults, calls } = await start();
    const gone = { action: 'PutSecretValue', answer: refusal('InvalidRequestException') };
    faults.push(...Array.from({ length: 9 }, () => gone));
    const failure = await failureOf(store.put(web, anId(), aKey()));
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', effect: 'unknown' });
    expect(calls.length).toBeLessThan(25);
  });
});

describe('a change that AWS Secrets Manager is late to show', () => {
  it('does not lose the key when a secret just made cannot be written to yet', async () => {
    const { store, faults } = await start();
    const absent = refusal('ResourceNotFoundException');
    faults.push({ action: 'PutSecretValue', answer: absent }, { action: 'DescribeSecret', answer: absent });
    const { id, key } = await kept(store, web);
    expect(await textOf(store.reveal(web, id))).toBe(key.reveal());
  });

  it('does not lead to the deletion of a key that came in meanwhile', async () => {
    const { store, rules, standIn } = await start();
    const [first, next, key] = [await keptAsCurrent(store, web), anId(), aKey()];
    const act = rules.act.bind(rules);
    let raced = false;
    standIn.rules.act = (action, input) => {
      if (action === 'DeleteSecret' && !raced) {
        raced = true;
        const [SecretId, VersionStages] = [input.SecretId, [`keyvend-${next}`]];
        act('PutSecretValue', { SecretId, ClientRequestToken: next, SecretString: key.reveal(), VersionStages });
      }
      return act(action, input);
    };
    await store.remove(web, first.id);
    expect(idsOf(await store.find(web))).toEqual([next]);
    expect(await textOf(store.reveal(web, next))).toBe(key.reveal());
  });
});

describe('options that AWS would refuse', () => {
  it('are refused before anything is sent', async () => {
    const { options, store, calls } = await start();
    for (const over of [
      { recoveryWindowDays: 6 },
      { recoveryWindowDays: 31 },
      { deployment: '!x' },
      { deployment: 'ä' },
    ]) {
      expect(() => awsStore({ ...options, ...over })).toThrow(TypeError);
    }
    await expect(store.put(web, 'attempt-1', aKey())).rejects.toThrow(TypeError);
    expect(calls).toEqual([]);
  });
});
