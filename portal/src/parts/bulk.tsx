// One thing done to many key pairs: each has its own outcome, and those that failed can be tried again by themselves.
import { useState } from 'preact/hooks';
import { useSigned } from '../context.ts';
import { problemOf } from '../failure.ts';
import type { Api } from '../keyvend.ts';
import { refOf, titleOf } from '../places.ts';
import { policyToPut } from '../policy-to-put.ts';
import { count, type Key, t } from '../text/index.ts';
import type { KeyPair, Trouble, WholeRef } from '../types.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { Badge } from './small.tsx';
import { Table } from './table.tsx';

type Deed = 'rotate' | 'policy' | 'retire';
const deeds: Readonly<Record<Deed, Key>> = { rotate: 'rotate', policy: 'bulk.policy', retire: 'retire' };
interface Done {
  readonly pair: KeyPair;
  readonly problem?: Trouble;
}

async function eachOf(api: Api, deed: Deed, pairs: readonly KeyPair[], change: object): Promise<readonly Done[]> {
  const act: Readonly<Record<Deed, (ref: WholeRef) => Promise<unknown>>> = {
    rotate: (ref) => api.rotate(ref),
    retire: (ref) => api.retire(ref),
    policy: async (ref) => api.setPolicy(ref, policyToPut(await api.policy(ref), { ...change })),
  };
  const done: Done[] = [];
  for (const pair of pairs) {
    const problem = await act[deed](refOf(pair)).then(() => undefined, problemOf);
    done.push({ pair, ...(problem && { problem }) });
  }
  return done;
}

export function BulkBar({ chosen, done, clear }: { chosen: readonly KeyPair[]; done(): void; clear(): void }) {
  const { api, say } = useSigned();
  const [deed, setDeed] = useState<Deed>();
  const [days, setDays] = useState('90');
  const [outcomes, setOutcomes] = useState<{ deed: Deed; all: readonly Done[] }>();
  const run = async (what: Deed, pairs: readonly KeyPair[], before: readonly Done[] = []) => {
    const all = await eachOf(api, what, pairs, { maxAgeDays: Number(days) });
    setOutcomes({ deed: what, all: [...before, ...all] });
    say(count('bulk.failed', all.filter(({ problem }) => problem).length));
    clear();
    done();
  };
  const failed = outcomes?.all.filter(({ problem }) => problem) ?? [];
  return (
    <>
      {chosen.length > 0 && (
        <fieldset class="bulk" aria-label={t('bulk')}>
          <span>{count('bulk.chosen', chosen.length)}</span>
          {(Object.keys(deeds) as Deed[]).map((one) => (
            <button key={one} type="button" class={one === 'retire' ? 'danger' : ''} onClick={() => setDeed(one)}>
              {t(deeds[one])}
            </button>
          ))}
        </fieldset>
      )}
      {deed && (
        <Dialog
          title={t(deeds[deed])}
          does={t(deeds[deed])}
          isDangerous={deed === 'retire'}
          act={() => run(deed, chosen)}
          close={() => setDeed(undefined)}
        >
          <p>{count('bulk.chosen', chosen.length)}</p>
          {deed === 'retire' && <p>{t('retire.says')}</p>}
          {deed === 'policy' && (
            <Field
              label={t('policy.maxAgeDays')}
              hint={t('policy.maxAgeDays.hint')}
              type="number"
              min={0}
              max={3650}
              required
              value={days}
              onValue={setDays}
            />
          )}
        </Dialog>
      )}
      {outcomes && (
        <section class="outcomes" aria-label={t('bulk.outcomes')}>
          <Table caption={`${t(deeds[outcomes.deed])}: ${t('bulk.outcomes')}`}>
            <tbody>
              {outcomes.all.map(({ pair, problem }) => (
                <tr key={titleOf(refOf(pair))}>
                  <th scope="row">{titleOf(refOf(pair))}</th>
                  <td>
                    <Badge group="host" state={problem ? 'failed' : 'ok'} />
                  </td>
                  <td>{problem && `${problem.code}: ${problem.detail}`}</td>
                </tr>
              ))}
            </tbody>
          </Table>
          <p class="actions">
            {failed.length > 0 && (
              <button
                type="button"
                class="main"
                onClick={() =>
                  void run(
                    outcomes.deed,
                    failed.map(({ pair }) => pair),
                    outcomes.all.filter(({ problem }) => !problem),
                  )
                }
              >
                {t('bulk.again')}
              </button>
            )}
            <button type="button" onClick={() => setOutcomes(undefined)}>
              {t('close')}
            </button>
          </p>
        </section>
      )}
    </>
  );
}
