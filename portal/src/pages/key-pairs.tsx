// The list. Search, filters and order are the server's, over all that one may read; the address has them, so that it can be sent on.
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAsk, useDoing } from '../ask.ts';
import { useSigned } from '../context.ts';
import { filled } from '../filled.ts';
import { useQuery } from '../hash-route.ts';
import { BulkBar } from '../parts/bulk.tsx';
import { Filters, filterNames } from '../parts/filters.tsx';
import { KeyPairTable } from '../parts/key-pair-table.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { Empty, Heading, Loading } from '../parts/small.tsx';
import { count, t } from '../text/index.ts';
import type { KeyPair, ListQuery } from '../types.ts';

const PAGE = 50;

export function KeyPairsPage() {
  const { api, say } = useSigned();
  const [query, setQuery] = useQuery();
  const words = Object.fromEntries(filterNames.map((name) => [name, query.get(name) ?? '']));
  const wanted = filled(words) as ListQuery;
  const [more, setMore] = useState<{ of: string; keyPairs: readonly KeyPair[]; cursor?: string | undefined }>();
  const [chosen, setChosen] = useState<ReadonlyMap<string, KeyPair>>(new Map());
  const what = JSON.stringify(words);
  const { data, problem, isLoading, again } = useAsk(async () => {
    const page = await api.list({ ...wanted, limit: PAGE });
    setMore(undefined);
    say(count('list.found', page.keyPairs.length));
    return page;
  }, what);
  const added = more?.of === what ? more : undefined;
  const keyPairs = [...(data?.keyPairs ?? []), ...(added?.keyPairs ?? [])];
  const cursor = added ? added.cursor : data?.cursor;
  const next = async () => {
    const page = await api.list({ ...wanted, limit: PAGE, cursor });
    setMore({ of: what, keyPairs: [...(added?.keyPairs ?? []), ...page.keyPairs], cursor: page.cursor });
    say(count('list.found', keyPairs.length + page.keyPairs.length));
  };
  const { run, isBusy, problem: lateProblem } = useDoing();
  const isFiltered = Object.values(words).some((value) => value !== '');

  return (
    <>
      <Heading title={t('nav.key-pairs')}>
        <Link href="/vend" class="button main">
          {t('vend.title')}
        </Link>
      </Heading>
      <Filters words={words} onWords={setQuery} />
      {problem && <ProblemView problem={problem} again={again} />}
      {isLoading && !data && <Loading />}
      {data &&
        keyPairs.length === 0 &&
        (isFiltered ? <Empty says="list.none-found" /> : <Empty says="list.none" leads="list.first" to="/vend" />)}
      {keyPairs.length > 0 && (
        <>
          <BulkBar chosen={[...chosen.values()]} done={again} clear={() => setChosen(new Map())} />
          <KeyPairTable
            keyPairs={keyPairs}
            sort={words.sort ?? ''}
            onSort={(sort) => setQuery({ sort })}
            chosen={chosen}
            onChosen={setChosen}
          />
          {lateProblem && <ProblemView problem={lateProblem} />}
          <p class="below">
            {count('list.found', keyPairs.length)}{' '}
            {cursor !== undefined && (
              <button type="button" disabled={isBusy} onClick={() => void run(next)}>
                {t('list.more')}
              </button>
            )}
          </p>
        </>
      )}
    </>
  );
}
