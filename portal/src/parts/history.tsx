// Who did what to a key pair, the newest first.
import { useAsk, useDoing } from '../ask.ts';
import { useSigned } from '../context.ts';
import { t, word } from '../text/index.ts';
import type { Entry, WholeRef } from '../types.ts';
import { ProblemView } from './problem.tsx';
import { Empty, Loading, When, Who } from './small.tsx';
import { Table } from './table.tsx';

const PAGE = 20;

export function History({ of }: { of: WholeRef }) {
  const { api } = useSigned();
  const { data, problem, put } = useAsk(() => api.history(of, { limit: PAGE }), JSON.stringify(of));
  const { run, isBusy, problem: lateProblem } = useDoing();
  const more = async () => {
    const page = await api.history(of, { limit: PAGE, cursor: data!.cursor });
    put({ ...page, entries: [...data!.entries, ...page.entries] });
  };
  return (
    <section aria-labelledby="history">
      <h2 id="history">{t('history')}</h2>
      {problem && <ProblemView problem={problem} about={{ right: 'audit', of }} />}
      {!data && !problem && <Loading />}
      {data?.entries.length === 0 && <Empty says="history.none" />}
      {data && data.entries.length > 0 && (
        <Table caption={t('history')}>
          <thead>
            <tr>
              <th scope="col">{t('when')}</th>
              <th scope="col">{t('who')}</th>
              <th scope="col">{t('did')}</th>
              <th scope="col">{t('changed')}</th>
            </tr>
          </thead>
          <tbody>
            {data.entries.map((entry) => (
              <tr key={entry.seq}>
                <td>
                  <When at={entry.at} said="moment" />
                </td>
                <td>
                  <Who id={entry.who} /> <small>{word('door', entry.door)}</small>
                </td>
                <td>
                  {entry.did}
                  {entry.reason && <q>{entry.reason}</q>}
                </td>
                <td>
                  <Changed entry={entry} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {lateProblem && <ProblemView problem={lateProblem} />}
      {data?.cursor !== undefined && (
        <button type="button" disabled={isBusy} onClick={() => void run(more)}>
          {t('list.more')}
        </button>
      )}
    </section>
  );
}

/** What is otherwise than before; that something stayed says nothing. */
function Changed({ entry: { before, after } }: { entry: Entry }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => before[name] !== after[name],
  );
  return (
    <ul class="changes">
      {names.map((name) => (
        <li key={name}>
          {name}: {before[name] !== undefined && <del>{String(before[name])}</del>}{' '}
          {after[name] !== undefined && <ins>{String(after[name])}</ins>}
        </li>
      ))}
    </ul>
  );
}
