// Old pairs that the cloud does not let go, because instances have them; they are let go by whoever says so, seeing which.
import { useState } from 'preact/hooks';
import { useDoing } from '../ask.ts';
import { useSigned } from '../context.ts';
import { listOf } from '../format.ts';
import { count, t } from '../text/index.ts';
import type { Lingering, WholeRef } from '../types.ts';
import { Dialog } from './dialog.tsx';
import { ProblemView } from './problem.tsx';
import { Empty, When } from './small.tsx';

export function LingeringPairs({ of, pairs, done }: { of: WholeRef; pairs: readonly Lingering[]; done(): void }) {
  const { api } = useSigned();
  const { run, isBusy, problem } = useDoing();
  const [asks, setAsks] = useState<{
    id: string;
    instances: string[];
    effect: string;
    confirmation?: string | undefined;
  }>();
  return (
    <section aria-labelledby="lingering">
      <h2 id="lingering">{t('lingering')}</h2>
      {pairs.length === 0 && <Empty says="rotations.none" />}
      <ul class="stuck">
        {pairs.map(({ id, keyPairName, code, instances, count: n, since }) => (
          <li key={id}>
            <strong>{keyPairName}</strong> <code>{code}</code> <When at={since} />{' '}
            {n > 0 && `${count('instances', n)}: ${listOf(instances)}`}{' '}
            {n > 0 && (
              <button
                type="button"
                disabled={isBusy}
                onClick={() => void run(async () => setAsks({ ...(await api.release(of, id)), id }))}
              >
                {t('release')}
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem && <ProblemView problem={problem} about={{ right: 'release', of }} />}
      {asks && (
        <Dialog
          title={t('release.title')}
          does={t('release')}
          isDangerous
          about={{ right: 'release', of }}
          act={async () => {
            await api.release(of, asks.id, asks.confirmation);
            done();
          }}
          close={() => setAsks(undefined)}
        >
          <p>{listOf(asks.instances)}</p>
          <p>{asks.effect}</p>
        </Dialog>
      )}
    </section>
  );
}
