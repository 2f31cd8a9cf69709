// The hosts of a rotation, those that hold it up first.
import { count, t } from '../text/index.ts';
import type { RotationHost } from '../types.ts';
import { Badge, Empty } from './small.tsx';
import { Table } from './table.tsx';

const order = { failed: 0, unverified: 1, ok: 2 } as const;

interface RotationHostsProps {
  readonly hosts: readonly RotationHost[];
  readonly canWaive: boolean;
  waive(host: string): void;
}

export function RotationHosts({ hosts, canWaive, waive }: RotationHostsProps) {
  const sorted = hosts.toSorted((a, b) => order[a.outcome] - order[b.outcome]);
  const n = hosts.filter(({ outcome }) => outcome === 'ok').length;
  return (
    <section aria-labelledby="hosts">
      <h2 id="hosts">{t('hosts')}</h2>
      {hosts.length === 0 ? (
        <Empty says="hosts.none" />
      ) : (
        <>
          <p>
            <progress max={hosts.length} value={n} aria-label={t('hosts')} />{' '}
            {count('hosts.done', hosts.length, { done: n })}
          </p>
          <Table caption={t('hosts')}>
            <thead>
              <tr>
                <th scope="col">{t('host.host')}</th>
                <th scope="col">{t('host.new-key')}</th>
                <th scope="col">{t('host.old-key')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {sorted.map(({ host, outcome, code, waived, oldKeyRemoved }) => (
                <tr key={host}>
                  <th scope="row">{host}</th>
                  <td>
                    <Badge group="host" state={outcome} /> {code && <code>{code}</code>}{' '}
                    {waived && <span class="badge">{t('waived')}</span>}
                  </td>
                  <td>{t(oldKeyRemoved ? 'host.old-key.gone' : 'host.old-key.there')}</td>
                  <td>
                    {canWaive && outcome !== 'ok' && !waived && (
                      <button type="button" aria-label={`${t('waive')} ${host}`} onClick={() => waive(host)}>
                        {t('waive')}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </section>
  );
}
