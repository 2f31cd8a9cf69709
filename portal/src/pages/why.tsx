// "Why can't I?": which of one's own grants comes nearest, and what of it does not fit.
import { rights } from '../../../lib/rights.ts';
import { useAsk } from '../ask.ts';
import { useSigned } from '../context.ts';
import { broken } from '../contract.ts';
import { filled } from '../filled.ts';
import { useQuery } from '../hash-route.ts';
import { Field } from '../parts/field.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { Empty, Heading, Loading } from '../parts/small.tsx';
import { Table } from '../parts/table.tsx';
import { type Key, t, word } from '../text/index.ts';
import type { Access, AccessQuery, Provider } from '../types.ts';

const names = ['right', 'provider', 'region', 'account', 'name'] as const;

export function WhyPage() {
  const { api, contract, me } = useSigned();
  const [query, setQuery] = useQuery();
  const asked = Object.fromEntries(names.map((name) => [name, query.get(name) ?? ''])) as Record<
    (typeof names)[number],
    string
  >;
  const said = { ...asked, right: asked.right || 'vend', provider: asked.provider || (contract.providers[0] ?? '') };
  // What the API would refuse to answer is not asked: half a name, a provider's region that is still missing.
  const { properties = {}, required = [] } = contract.vendSchema(said.provider);
  const isWhole = (['name', 'region', 'account'] as const).every((field) =>
    said[field] === '' ? !required.includes(field) : broken(properties[field] ?? {}, said[field]) === undefined,
  );
  const { data, problem } = useAsk(
    async () =>
      isWhole
        ? api.access({
            ...filled({ region: said.region, account: said.account }),
            right: said.right as AccessQuery['right'],
            provider: said.provider as Provider,
            name: said.name,
          })
        : undefined,
    JSON.stringify(said),
  );
  return (
    <>
      <Heading title={t('nav.why')} />
      <p>{t('why.says')}</p>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field
          label={t('why.right')}
          value={said.right}
          onValue={(right) => setQuery({ right })}
          options={rights.map((one) => [one, word('right', one)])}
        />
        <Field
          label={t('provider')}
          value={said.provider}
          onValue={(provider) => setQuery({ provider })}
          options={contract.providers.map((one) => [one, one.toUpperCase()])}
        />
        {(['region', 'account', 'name'] as const).map((name) => (
          <Field
            key={name}
            label={word('field', name)}
            value={said[name]}
            onValue={(value) => setQuery({ [name]: value })}
          />
        ))}
      </form>
      {problem && <ProblemView problem={problem} />}
      {isWhole && !data && !problem && <Loading />}
      {data && <Answer access={data} />}
      {me && (
        <section aria-labelledby="grants">
          <h2 id="grants">{t('why.grants')}</h2>
          {me.grants === undefined ? (
            <p>{t('why.open')}</p>
          ) : me.grants.length === 0 ? (
            <Empty says="why.no-grants" />
          ) : (
            <Grants grants={me.grants} />
          )}
        </section>
      )}
    </>
  );
}

const listed = (words: readonly string[] | 'any') => (words === 'any' ? t('any') : words.join(', '));

function Answer({ access: { allowed, grant, nearest = [] } }: { access: Access }) {
  if (allowed)
    return (
      <p class="note good" role="status">
        {t('why.allowed', { grant: grant ?? '' })}
      </p>
    );
  return (
    <>
      <p class="note denied" role="status">
        {t(nearest.length === 0 ? 'why.none-near' : 'why.denied')}
      </p>
      {nearest.length > 0 && <Grants grants={nearest} />}
    </>
  );
}

type Shown = Pick<NonNullable<Access['nearest']>[number], 'id' | 'may' | 'on'> & {
  readonly fits?: NonNullable<Access['nearest']>[number]['fits'];
};

function Grants({ grants }: { grants: readonly Shown[] }) {
  const columns = ['may', 'provider', 'account', 'region', 'name'] as const;
  return (
    <Table caption={t('why.grants')}>
      <thead>
        <tr>
          <th scope="col">{t('why.grant')}</th>
          {columns.map((column) => (
            <th scope="col" key={column}>
              {t((column === 'may' ? 'why.right' : `field.${column}`) as Key)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {grants.map(({ id, may, on, fits }) => (
          <tr key={id}>
            <th scope="row">{id}</th>
            {columns.map((column) => (
              <td key={column} class={fits && !fits[column] ? 'unfit' : ''}>
                {fits && <span class={`badge ${fits[column] ? 'good' : 'bad'}`}>{t(fits[column] ? 'yes' : 'no')}</span>}{' '}
                {listed(column === 'may' ? may : on[column])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
