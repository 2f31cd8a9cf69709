// Key pairs as rows, in the server's order; a heading that can be ordered by is a button.
import { Link } from 'wouter-preact';
import { placeOf, refOf, titleOf } from '../places.ts';
import { type Key, t, word } from '../text/index.ts';
import type { KeyPair } from '../types.ts';
import { Badge, When, Who } from './small.tsx';
import { Table } from './table.tsx';

interface KeyPairTableProps {
  readonly keyPairs: readonly KeyPair[];
  readonly sort: string;
  onSort(sort: string): void;
  readonly chosen: ReadonlyMap<string, KeyPair>;
  onChosen(chosen: ReadonlyMap<string, KeyPair>): void;
}

const keyOf = (pair: KeyPair) => titleOf(refOf(pair));

export function KeyPairTable({ keyPairs, sort, onSort, chosen, onChosen }: KeyPairTableProps) {
  const choose = (pairs: readonly KeyPair[], on: boolean) => {
    const next = new Map(chosen);
    for (const pair of pairs) on ? next.set(keyOf(pair), pair) : next.delete(keyOf(pair));
    onChosen(next);
  };
  const sorted = (says: Key, up: string, down: string) => <Sorted {...{ says, up, down, sort, onSort }} />;
  return (
    <Table caption={t('nav.key-pairs')}>
      <thead>
        <tr>
          <th scope="col">
            <input
              type="checkbox"
              aria-label={t('bulk.all')}
              checked={keyPairs.every((pair) => chosen.has(keyOf(pair)))}
              onChange={({ currentTarget }) => choose(keyPairs, currentTarget.checked)}
            />
          </th>
          {sorted('name', 'name', '-name')}
          <th scope="col">{t('provider')}</th>
          <th scope="col">{t('region')}</th>
          <th scope="col">{t('state')}</th>
          {sorted('requested', '-requestedAt', 'requestedAt')}
          {sorted('key-since', 'activatedAt', '-activatedAt')}
          {sorted('next-rotation', 'nextAgeRotationAt', '-nextAgeRotationAt')}
        </tr>
      </thead>
      <tbody>
        {keyPairs.map((pair) => (
          <tr key={keyOf(pair)}>
            <td>
              <input
                type="checkbox"
                aria-label={`${t('bulk.one')} ${pair.name}`}
                checked={chosen.has(keyOf(pair))}
                onChange={({ currentTarget }) => choose([pair], currentTarget.checked)}
              />
            </td>
            <th scope="row">
              <Link href={placeOf(refOf(pair))}>{pair.name}</Link>
            </th>
            <td>{pair.provider.toUpperCase()}</td>
            <td>
              {pair.region}
              {pair.account !== 'default' && <small> {pair.account}</small>}
            </td>
            <td>
              <Badge group="state" state={pair.state} />
              {pair.lingering && <span class="badge bad">{t('lingering.short')}</span>}
            </td>
            <td>
              <When at={pair.requestedAt} /> <Who id={pair.requestedBy} />
            </td>
            <td>{pair.versions.length > 0 && <When at={pair.versions.at(-1)!.activatedAt} />}</td>
            <td>
              {pair.nextAgeRotationAt ? (
                <When at={pair.nextAgeRotationAt} />
              ) : (
                <small>{word('no-age', pair.noAgeRotation ?? 'off')}</small>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Ordered by one click, the other way round by the next. */
function Sorted({
  says,
  up,
  down,
  sort,
  onSort,
}: {
  says: Key;
  up: string;
  down: string;
  sort: string;
  onSort(sort: string): void;
}) {
  const order = sort === up || sort === down ? (sort.startsWith('-') ? 'descending' : 'ascending') : undefined;
  const arrow = order === 'ascending' ? '▲' : order === 'descending' ? '▼' : '↕';
  return (
    <th scope="col" aria-sort={order ?? 'none'}>
      <button type="button" class="sort" onClick={() => onSort(sort === up ? down : up)}>
        {t(says)} <span aria-hidden="true">{arrow}</span>
      </button>
    </th>
  );
}
