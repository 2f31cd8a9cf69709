// A new key pair. Fields and rules are those of the contract; what the place has room for is shown before anything is sent.
import { useLocation } from 'wouter-preact';
import { useAsk, useDoing } from '../ask.ts';
import { useSigned } from '../context.ts';
import { broken, type Schema } from '../contract.ts';
import { useDraft } from '../drafts.ts';
import { Field } from '../parts/field.tsx';
import { ProblemView } from '../parts/problem.tsx';
import { QuotaBars } from '../parts/quota.tsx';
import { Heading } from '../parts/small.tsx';
import { Tags } from '../parts/tags.tsx';
import { placeOf } from '../places.ts';
import { type Key, t, word } from '../text/index.ts';
import type { Provider, VendRequest } from '../types.ts';

type Fields = Readonly<Record<string, string>> & { readonly provider: Provider };
export type TagRows = readonly (readonly [string, string])[];

const tagsOf = (fields: Fields): TagRows => JSON.parse(fields.tags ?? '[]');

export function VendPage() {
  const { api, contract, say } = useSigned();
  const [, go] = useLocation();
  const [fields, setFields, drop] = useDraft<Fields>('vend', { provider: contract.providers[0]! });
  const { run, isBusy, problem } = useDoing();
  const schema = contract.vendSchema(fields.provider);
  const names = [
    'name',
    ...Object.keys(schema.properties ?? {}).filter((one) => !['name', 'provider', 'tags'].includes(one)),
  ];
  const wrongOf = (name: string): string | undefined => {
    const [rule, value] = [schema.properties?.[name] ?? {}, fields[name] ?? ''];
    if (value === '') return undefined;
    return broken(rule, value) ? ruleSays(name, rule, fields.provider) : undefined;
  };
  const ref = {
    provider: fields.provider,
    name: fields.name ?? '',
    region: fields.region || 'global',
    account: fields.account || 'default',
  };
  const isWrong = names.some((name) => wrongOf(name) !== undefined);
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      await api.vend({ provider: fields.provider, ...bodyOf(schema, fields) } as VendRequest);
      drop();
      say(t('vend.done'));
      go(placeOf(ref));
    });
  };
  return (
    <>
      <Heading title={t('vend.title')} />
      <p class="note">{t('vend.says')}</p>
      <form class="panel narrow" onSubmit={submit}>
        <Field
          label={t('provider')}
          value={fields.provider}
          onValue={(provider) => setFields({ ...fields, provider: provider as Provider })}
          options={contract.providers.map((one) => [one, word('provider', one)])}
        />
        {names.map((name) => (
          <Field
            key={name}
            name={name}
            label={word('field', name)}
            value={fields[name] ?? ''}
            required={schema.required?.includes(name) ?? false}
            hint={hintOf(name, schema.properties?.[name] ?? {}, fields.provider)}
            wrong={wrongOf(name)}
            onValue={(value) => setFields({ ...fields, [name]: value })}
            {...(name === 'publicKey' && { rows: 3 })}
            {...(schema.properties?.[name]?.enum && { options: choicesOf(schema.properties[name].enum) })}
            {...(schema.properties?.[name]?.type === 'integer' && {
              type: 'number' as const,
              min: schema.properties[name].minimum,
            })}
          />
        ))}
        {schema.properties?.tags && (
          <Tags
            rows={tagsOf(fields)}
            rule={schema.properties.tags}
            onRows={(rows) => setFields({ ...fields, tags: JSON.stringify(rows) })}
          />
        )}
        <Room provider={fields.provider} region={fields.region ?? ''} />
        {problem && <ProblemView problem={problem} about={{ right: 'vend', of: ref }} />}
        <p class="actions">
          <button type="submit" class="main" disabled={isBusy || isWrong}>
            {t('vend')}
          </button>
        </p>
      </form>
    </>
  );
}

/** As JSON has it: numbers are numbers, and what is empty is left out. */
function bodyOf({ properties = {} }: Schema, fields: Fields): Record<string, unknown> {
  const entries = Object.entries(properties).flatMap(([name, { type }]): [string, unknown][] => {
    const text = fields[name] ?? '';
    if (name === 'provider' || name === 'tags' || text === '') return [];
    return [[name, type === 'integer' || type === 'number' ? Number(text) : text]];
  });
  const tags = tagsOf(fields).filter(([name]) => name !== '');
  return {
    ...Object.fromEntries(entries),
    ...(tags.length > 0 && properties.tags && { tags: Object.fromEntries(tags) }),
  };
}

const ruleSays = (name: string, { type }: Schema, provider: string): string =>
  type === 'integer'
    ? t('rule.number')
    : word('rule', `${name}.${provider}`) !== `${name}.${provider}`
      ? t(`rule.${name}.${provider}` as Key)
      : t('rule.pattern');

const hintOf = (name: string, rule: Schema, provider: string): string | undefined =>
  name === 'name' ? ruleSays(name, rule, provider) : word('hint', name) === name ? undefined : word('hint', name);

/** Where something is chosen, nothing is a choice, too: the server says what is usual. */
const choicesOf = (all: readonly (string | number)[]): readonly (readonly [string, string])[] => [
  ['', t('choice.usual')],
  ...all.map((one) => [String(one), word('choice', String(one))] as const),
];

/** What the place has room for, where the server tells. */
function Room({ provider, region }: { provider: Provider; region: string }) {
  const { api, contract } = useSigned();
  const isTold = contract.has('GET /v1/quota');
  const { data } = useAsk(async () => (isTold ? api.quota({ provider }) : { places: [] }), `${isTold} ${provider}`);
  const places = (data?.places ?? []).filter((place) => region === '' || place.region === region);
  return places.length === 0 ? null : <QuotaBars places={places} />;
}
