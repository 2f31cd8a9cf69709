// What needs somebody first, in words; then how things stand.
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { useAsk, useEvery } from '../ask.ts';
import { Bars } from '../charts/bars.tsx';
import { TimeLine } from '../charts/time-line.tsx';
import { useSigned } from '../context.ts';
import { ageGroups, agesIn, codesIn, type Fleet, MOST, readFleet, stuckIn, type UnderWay } from '../fleet.ts';
import { fromNow, listOf } from '../format.ts';
import { ProblemView } from '../parts/problem.tsx';
import { QuotaBars } from '../parts/quota.tsx';
import { Empty, Heading, Loading, When } from '../parts/small.tsx';
import { placeOf, refOf } from '../places.ts';
import { count, t, word } from '../text/index.ts';

const EVERY_MS = 15_000;

export function OverviewPage() {
  const { api } = useSigned();
  const { data, problem, again } = useAsk(() => readFleet(api), '');
  useEvery(EVERY_MS, data !== undefined && problem === undefined, again);
  return (
    <>
      <Heading title={t('nav.overview')} />
      {problem && <ProblemView problem={problem} again={again} />}
      {data ? (
        data.keyPairs.length === 0 ? (
          <Empty says="list.none" leads="list.first" to="/vend" />
        ) : (
          <About fleet={data} />
        )
      ) : (
        !problem && <Loading />
      )}
    </>
  );
}

const Card = ({ id, title, children }: { id: string; title: string; children: ComponentChildren }) => (
  <section class="card" aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
);

function About({ fleet }: { fleet: Fleet }) {
  const { contract } = useSigned();
  const [stuck, ages, codes] = [stuckIn(fleet), agesIn(fleet), codesIn(fleet)];
  const states = Object.entries(Object.groupBy(fleet.keyPairs, ({ state }) => state)).map(
    ([state, all = []]) => [state, all.length] as const,
  );
  return (
    <>
      <Card id="stuck" title={t('overview.stuck')}>
        {stuck.length === 0 ? (
          <p class="good-news">{t('overview.nothing-stuck')}</p>
        ) : (
          <ul class="stuck">
            {stuck.map(({ title, to, kind, code, detail, since, hosts = [] }) => (
              <li key={`${to} ${kind} ${code}`} class={kind === 'tries' ? '' : 'bad'}>
                <Link href={to}>{title}</Link> <strong>{t(`stuck.${kind}`)}</strong> {code && <code>{code}</code>}{' '}
                {since && <When at={since} />}
                {detail && <p>{detail}</p>}
                {hosts.length > 0 && <p>{listOf(hosts)}</p>}
              </li>
            ))}
          </ul>
        )}
      </Card>
      <div class="cards">
        <Card id="under-way" title={t('overview.under-way')}>
          {fleet.underWay.length === 0 ? (
            <p>{t('overview.no-rotation')}</p>
          ) : (
            <TimeLine label={t('overview.under-way')} spans={fleet.underWay.map(spanOf)} />
          )}
        </Card>
        <Card id="ages" title={t('overview.ages')}>
          <Bars
            label={t('overview.ages')}
            bars={ageGroups.map((group) => ({
              label: t(`age.${group}`),
              value: ages[group],
              says: count('pairs', ages[group]),
              tone: group === 'overdue' ? 'bad' : 'good',
            }))}
          />
        </Card>
        <Card id="states" title={t('overview.states')}>
          <Bars
            label={t('overview.states')}
            bars={states.map(([state, n]) => ({
              label: word('state', state),
              value: n,
              says: count('pairs', n),
              tone: state === 'conflict' ? 'bad' : 'good',
            }))}
          />
        </Card>
        <Card id="codes" title={t('overview.codes')}>
          {codes.length === 0 ? (
            <p>{t('overview.no-code')}</p>
          ) : (
            <Bars
              label={t('overview.codes')}
              bars={codes.map(([code, n]) => ({ label: code, value: n, says: count('times', n), tone: 'bad' }))}
            />
          )}
        </Card>
        {contract.has('GET /v1/quota') && <Quota />}
      </div>
      {fleet.isCut && <p class="hint">{t('overview.cut', { n: MOST })}</p>}
    </>
  );
}

function Quota() {
  const { api } = useSigned();
  const { data, problem } = useAsk(() => api.quota({}), '');
  return (
    <Card id="quota" title={t('quota')}>
      {problem && <ProblemView problem={problem} />}
      {data && <QuotaBars places={data.places} />}
    </Card>
  );
}

function spanOf({ pair, rotation: { id, requestedAt, promotedAt, endedAt, stalledAt, state } }: UnderWay) {
  return {
    label: pair.name,
    href: `#${placeOf(refOf(pair), `/rotations/${id}`)}`,
    ...{ from: requestedAt, mark: promotedAt, to: endedAt },
    tone: stalledAt ? ('bad' as const) : promotedAt ? ('good' as const) : ('busy' as const),
    says: `${word('rotation', state)}, ${fromNow(requestedAt)}`,
  };
}
