import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deadlineIn } from '../../../lib/clock.ts';
import { metadataView } from '../../../lib/contract/metadata.ts';
import { VendingError } from '../../../lib/errors.ts';
import { type ProviderName, providerNames } from '../../../lib/provider-table.ts';
import { Secret } from '../../../lib/secret.ts';
import { parsePrivateKey } from '../../../lib/ssh/private-key.ts';
import { Deployment } from '../../../lib/vending/deployment.ts';
import { vend } from '../../../lib/vending/vend.ts';
import { Died, type Script } from '../../doubles/dies-after.ts';
import { ask, expectConsistent, recover, request } from './story.ts';
import { world } from './world.ts';

/** How many port calls an undisturbed vend makes. */
async function stepsOf(provider: ProviderName): Promise<number> {
  const all = world(provider);
  const steps: number[] = [];
  await ask(all, all.worker({ before: (step) => steps.push(step) }));
  return steps.length;
}

describe.each(providerNames)('vending on %s', async (provider) => {
  it('makes one pair, stores its key for readers, announces it, and gives the same answer to the same request', async () => {
    const all = world(provider);
    const first = await ask(all, all.worker());
    expect(first).toEqual({
      created: true,
      keyPairId: all.cloud.pairs[0]!.id,
      fingerprint: all.cloud.pairs[0]!.fingerprint,
    });
    expect(await ask(all, all.worker())).toEqual({ ...first, created: false });
    await expectConsistent(all, 1);
    expect(all.announced).toEqual([
      {
        ...{ id: expect.any(String), identity: all.identity, keyPairId: first.keyPairId },
        atMs: (await all.ledger.read(all.identity))?.record.versions.at(-1)?.activatedAtMs,
        ...{ keyPairName: all.identity.name, fingerprint: first.fingerprint, publicKey: all.cloud.pairs[0]!.publicKey },
        keySource: 'create',
      },
    ]);
  });

  it.each([
    ['as it is stored', (text: string) => text, undefined],
    ['with other line ends', (text: string) => `${text.replaceAll('\n', '\r\n')}\r\n`, undefined],
    ['with text before it', (text: string) => `Your key:\n${text}`, true],
    ['with line ends that were left as text', (text: string) => text.replaceAll('\n', '\\n'), true],
  ])('notes what was odd about a key that came %s, and stores the same', async (_, spelled, noted) => {
    const all = world(provider);
    const ports = all.worker();
    const adapter = await ports.providerFor(all.identity);
    let text = '';
    await ask(all, {
      ...ports,
      async providerFor() {
        return {
          ...adapter,
          async create(pair, call) {
            const made = await adapter.create(pair, call);
            text = parsePrivateKey(made.privateKey).privateKey.reveal();
            return { ...made, privateKey: new Secret(spelled(text)) };
          },
        };
      },
    });
    const { record } = (await all.ledger.read(all.identity))!;
    expect(record.versions[0]?.keyRewritten).toBe(noted);
    expect(metadataView(record).versions[0]?.keyRewritten).toBe(noted);
    expect((await all.store.reveal(all.identity))?.reveal()).toBe(text);
  });

  it('makes up for an announcement that failed when the same request comes again', async () => {
    const all = world(provider);
    const mute = all.worker({
      before: (_, call) => {
        if (call === 'events.publish') throw new Error('the bus is down');
      },
    });
    await ask(all, mute);
    expect(all.announced).toEqual([]);
    await ask(all, all.worker());
    expect(all.announced).toHaveLength(1);
    await ask(all, all.worker());
    expect(all.announced).toHaveLength(1);
  });

  it('leaves nothing under way that it has begun, when it answers from the ledger', async () => {
    const all = world(provider);
    await ask(all, all.worker());
    const underWay = new Set<string>();
    const slowly = async (what: string, turns = 20) => {
      underWay.add(what);
      for (let i = 0; i < turns; i += 1) await new Promise(setImmediate);
      underWay.delete(what);
    };
    const started: string[] = [];
    const ports = all.worker({
      async before(_, call) {
        started.push(call);
        await slowly(call);
      },
    });
    const adapter = await ports.providerFor(all.identity);
    await ask(all, {
      ...ports,
      deployment: new Deployment('test', ports.ledger, all.clock, randomUUID),
      async providerFor() {
        const asked = slowly('account', 200); // as AccountPins does
        return { ...adapter, assertAccount: () => asked };
      },
    });
    expect(started).toContain('ledger.read');
    expect([...underWay]).toEqual([]);
  });

  it('refuses a different request for a name that is vended already', async () => {
    const all = world(provider);
    await ask(all, all.worker());
    const other = vend(all.worker(), {
      identity: all.identity,
      request: { projectId: 1 },
      caller: 'portal',
      deadline: deadlineIn(all.clock, 29_000),
    });
    await expect(other).rejects.toMatchObject({ code: 'DIFFERENT_REQUEST' });
    await expectConsistent(all, 1);
  });

  it('lets one of twenty requests at once make the pair; all others get it or are told to come back', async () => {
    const all = world(provider);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => ask(all, all.worker())));
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'IN_PROGRESS' });
    }
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    await expectConsistent(all, 1);
  });

  it('tells a request that comes while the same one is carried out to come back, not that the name is taken', async () => {
    const all = world(provider);
    let first: unknown;
    const second = ask(
      all,
      all.worker({
        after: async (step) => {
          if (step === 1) first = await ask(all, all.worker()); // between its first look and whatever it does next
        },
      }),
    );
    await expect(second).rejects.toMatchObject({ code: 'IN_PROGRESS' });
    expect(await ask(all, all.worker())).toEqual({ ...(first as object), created: false });
    await expectConsistent(all, 1);
  });

  it('does not begin what cannot be finished in time', async () => {
    const all = world(provider);
    const deadline = deadlineIn(all.clock, 1_000);
    const late = vend(all.worker(), { identity: all.identity, request, caller: 'portal', deadline });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_PASSED' });
    expect(await all.ledger.read(all.identity)).toBeUndefined();
  });

  it("leaves a stranger's pair of that name alone", async () => {
    const all = world(provider);
    await all.adapter.create({ ...all.identity, tags: { owner: 'somebody' } }, { timeoutMs: 1 });
    const theirs = all.cloud.pairs[0];
    const failure: unknown = await ask(all, all.worker()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'NAME_TAKEN' });
    await recover(all);
    expect(all.cloud.pairs).toEqual([theirs]);
    expect(await all.store.find(all.identity)).toBeUndefined();
    await expect(ask(all, all.worker())).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });

  const steps = await stepsOf(provider);
  const deaths = Array.from({ length: steps }, (_, i) => i + 1).flatMap((step) => [
    ['before', step] as const,
    ['after', step] as const,
  ]);
  it.each(deaths)('survives the death of the worker %s step %i', async (when, step) => {
    const all = world(provider);
    let dead = false;
    const die = (now: number) => {
      if (now === step) dead = true;
      if (dead) throw new Died();
    };
    const script: Script = when === 'before' ? { before: die } : { before: () => dead && die(0), after: die };
    await ask(all, all.worker(script)).catch(() => {});
    await recover(all);
    const active = (await all.ledger.read(all.identity))?.record.state === 'active';
    await expectConsistent(all, active ? 1 : 0);

    const { keyPairId } = await ask(all, all.worker());
    expect(keyPairId).toBe(all.cloud.pairs[0]!.id);
    await expectConsistent(all, 1);
  });

  it.each(deaths)(
    'survives one call that fails %s its effect, at step %i, and succeeds when it is tried again',
    async (when, step) => {
      const all = world(provider);
      const fail = (now: number, call: string) => {
        if (now !== step) return;
        throw new VendingError(call.startsWith('store') ? 'STORE_UNAVAILABLE' : 'OUTCOME_UNKNOWN', 'Lost', {
          effect: 'unknown',
        });
      };
      const first = await ask(all, all.worker(when === 'before' ? { before: fail } : { after: fail })).catch(
        (error: VendingError) => error,
      );
      if (first instanceof VendingError) {
        expect(['OUTCOME_UNKNOWN', 'STORE_UNAVAILABLE']).toContain(first.code);
        await recover(all);
      }
      const { keyPairId } = await ask(all, all.worker());
      if (!(first instanceof Error)) expect(keyPairId).toBe(first.keyPairId);
      await recover(all);
      await expectConsistent(all, 1);
    },
  );
});
