// Answers that no service should give, from a cloud that gives them: they are read for what they prove, and no further.
import { describe, expect, it } from 'vitest';
import { cvmProvider } from '../../../lib/providers/cvm/adapter.ts';
import { connectRegions as cvmRegions } from '../../../lib/providers/cvm/connect-regions.ts';
import { ecsProvider } from '../../../lib/providers/ecs/adapter.ts';
import { connectRegions as ecsRegions } from '../../../lib/providers/ecs/connect-regions.ts';
import { Secret } from '../../../lib/secret.ts';
import type { Transport, WireAnswer } from '../../../lib/transport/wire.ts';

const call = { timeoutMs: 1_000 };
const place = { region: 'cn-hangzhou', name: 'web_1' };

/** A transport whose answers are the given bodies, in turn, the last one for ever. */
function answering(...answers: (object | [status: number, body: string])[]): Transport {
  let next = 0;
  return {
    close() {},
    async send(): Promise<WireAnswer> {
      const answer = answers[Math.min(next++, answers.length - 1)]!;
      const [status, body] = Array.isArray(answer) ? answer : [200, JSON.stringify(answer)];
      return { status, headers: { date: 'Sun, 01 Mar 2026 12:00:00 GMT' }, body: Buffer.from(body) };
    },
  };
}
const ecs = (...answers: Parameters<typeof answering>) =>
  ecsProvider({
    transport: answering(...answers),
    credentials: async () => ({ accessKeyId: 'id', accessKeySecret: new Secret('secret') }),
  });
const cvm = (...answers: Parameters<typeof answering>) =>
  cvmProvider({
    transport: answering(...answers),
    credentials: async () => ({ secretId: 'id', secretKey: new Secret('secret') }),
  });
const page = (names: string[], total: unknown = names.length) => ({
  RequestId: 'r',
  TotalCount: total,
  KeyPairs: { KeyPair: names.map((KeyPairName) => ({ KeyPairName })) },
});
const namesIn = async (found: Promise<{ pairs: readonly { name: string }[] }>) =>
  (await found).pairs.map(({ name }) => name);

describe('a list of key pairs', () => {
  it('is rid of pairs whose names were not asked for', async () => {
    expect(await namesIn(ecs(page(['web_10', 'web_1', 'WEB_1'])).find(place, call))).toEqual(['web_1']);
  });

  it('is rid of pairs without the tag that was asked for', async () => {
    const tagged = { KeyPairName: 'ours', Tags: { Tag: [{ TagKey: 'keyvend', TagValue: 'here' }] } };
    const answer = { RequestId: 'r', TotalCount: 2, KeyPairs: { KeyPair: [tagged, { KeyPairName: 'theirs' }] } };
    const listing = ecs(answer).list({ region: 'cn-hangzhou', tags: { keyvend: 'here' } }, call);
    expect(await namesIn(listing)).toEqual(['ours']);
  });

  it('is read again when a pair has slid from one page to the next', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`);
    const [first, second] = [page(names.slice(0, 50), 100), page(names.slice(49, 99), 100)];
    const whole = [page(names.slice(0, 50), 100), page(names.slice(50), 100)];
    expect(await namesIn(ecs(first, second, ...whole).list({ region: 'cn-hangzhou' }, call))).toEqual(names);
  });

  it('is not passed off as whole when it never stands still', async () => {
    const listing = ecs(page(['a'], 2), page(['a'], 2)).list({ region: 'cn-hangzhou' }, call);
    await expect(listing).rejects.toMatchObject({ code: 'LISTING_UNSETTLED' });
  });

  it('is what was there once, where it is read a single time: with what slid twice only once, and without what was missed', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `p${i}`);
    const shifted = [page(names.slice(0, 50), 100), page(names.slice(49, 98), 99), page([], 99)];
    const listed = await namesIn(ecs(...shifted).list({ region: 'cn-hangzhou', passes: 1 }, call));
    expect(listed).toEqual(names.slice(0, 98));
  });

  it('may leave out its length, or give it as a string', async () => {
    const unsaid = ecs(page(['a', 'b'], null), page([], null)).list({ region: 'cn-hangzhou' }, call);
    expect(await namesIn(unsaid)).toEqual(['a', 'b']);
    expect(await namesIn(ecs(page(['a', 'b'], '2')).list({ region: 'cn-hangzhou' }, call))).toEqual(['a', 'b']);
  });

  it("speaks of the moment at which its first page was read, by the cloud's own clock", async () => {
    const { cloudTime } = await ecs(page([])).find(place, call);
    expect(cloudTime).toEqual(new Date('2026-03-01T12:00:00Z'));
  });

  it.each([
    ['nothing in place of the pairs', { RequestId: 'r' }],
    ['a pair without a name', { RequestId: 'r', TotalCount: 1, KeyPairs: { KeyPair: [{}] } }],
    ['something else in place of the list', { RequestId: 'r', TotalCount: 0, KeyPairs: { KeyPair: {} } }],
  ])('is not taken for empty when it has %s', async (_, answer) => {
    await expect(ecs(answer).find(place, call)).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
  });

  it('proves neither age nor fingerprint by values that cannot be read', async () => {
    const odd = {
      KeyPairName: 'web_1',
      CreationTime: 'yesterday',
      KeyPairFingerPrint: 7,
      PublicKey: 'none',
      Tags: 'no',
    };
    const { pairs } = await ecs({ RequestId: 'r', TotalCount: 1, KeyPairs: { KeyPair: [odd] } }).find(place, call);
    expect(pairs).toEqual([{ name: 'web_1', tags: {} }]);
  });
});

describe('an answer to a delete', () => {
  it.each([301, 202, 404])(
    'does not mean that the pair is gone when it has status %i and no word on what happened',
    async (status) => {
      const unclear: [number, string] = [status, '{"RequestId":"r","Response":{"RequestId":"r"}}'];
      for (const remove of [
        () => ecs(unclear).remove(place, call),
        () => cvm(unclear).remove({ ...place, id: 'skey-1' }, call),
      ]) {
        await expect(remove()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
      }
    },
  );
});

describe('an answer to a create', () => {
  const pair = { ...place, projectId: 0 };
  it.each<[string, [number, string]]>([
    ['a redirect', [302, '{"RequestId":"r"}']],
    ['a success of another kind', [202, '{"RequestId":"r"}']],
    ['a list', [200, '[]']],
    ['null', [200, 'null']],
    ['a string', [200, '"made"']],
    ['a proxy asking for a password', [407, '<html>']],
    ['too many requests, in HTML', [429, '<html>']],
  ])('leaves open whether a pair was made when it is %s', async (_, answer) => {
    const { projectId: _p, ...forEcs } = pair;
    for (const create of [() => ecs(answer).create(forEcs, call), () => cvm(answer).create(pair, call)]) {
      await expect(create()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', effect: 'unknown' });
    }
  });

  it('leaves open whether a pair was made when it is about another name', async () => {
    const other = {
      RequestId: 'r',
      KeyPairId: 'ssh-1',
      KeyPairName: 'web_2',
      KeyPairFingerPrint: 'aa',
      PrivateKeyBody: 'k',
    };
    await expect(ecs(other).create(place, call)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  });

  it('says how long to wait when it throttles, and is heeded within reason', async () => {
    const waits = async (headers: Record<string, string>) => {
      const transport: Transport = {
        close() {},
        send: async () => ({ status: 400, headers, body: Buffer.from('{"Code":"Throttling.User","RequestId":"r"}') }),
      };
      const provider = ecsProvider({
        transport,
        credentials: async () => ({ accessKeyId: 'id', accessKeySecret: new Secret('secret') }),
      });
      const failure: unknown = await provider.create(place, call).catch((error: unknown) => error);
      return (failure as { retryAfterMs?: number }).retryAfterMs;
    };
    expect(await waits({ 'x-acs-retry-after': '1234' })).toBe(1_234);
    expect(await waits({ 'retry-after': '3' })).toBe(3_000);
    expect(await waits({})).toBe(1_000);
    expect(await waits({ 'retry-after': 'Sun, 01 Mar 2026 12:00:00 GMT' })).toBe(1_000);
    expect(await waits({ 'x-acs-retry-after': '99999999999' })).toBe(600_000);
    expect(await waits({ 'x-acs-retry-after': '-5' })).toBe(1_000);
  });
});

describe('a list of regions', () => {
  const alibaba = (answer: object) =>
    ecsRegions({ accessKeyId: 'id', accessKeySecret: 'secret' }, { transport: answering(answer) })!(call);
  const tencent = (answer: object) =>
    cvmRegions({ secretId: 'id', secretKey: 'secret' }, { transport: answering({ Response: answer }) })!(call);

  it('is what it says', async () => {
    const Region = [{ RegionId: 'cn-hangzhou', Status: 'soldOut' }, { RegionId: 'eu-central-1' }];
    expect(await alibaba({ Regions: { Region } })).toEqual(['cn-hangzhou', 'eu-central-1']);
    const RegionSet = [{ Region: 'ap-tokyo', RegionState: 'UNAVAILABLE' }];
    expect(await tencent({ RegionSet })).toEqual(['ap-tokyo']);
  });

  it.each([
    ['that is empty', []],
    ['that is none', 'cn-hangzhou'],
    ['of something else', [{ RegionName: 'Hangzhou' }]],
    ['of which one could be a host of its own', [{ RegionId: 'evil.example.com/', Region: 'evil.example.com/' }]],
  ])('%s is not taken for an answer: regions that nobody sees would pass for empty ones', async (_, list) => {
    await expect(alibaba({ Regions: { Region: list } })).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
    await expect(tencent({ RegionSet: list })).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
  });
});
