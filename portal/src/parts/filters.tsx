// What to look for, as the server takes it. The name is sent a moment after the last letter.
import { useEffect, useState } from 'preact/hooks';
import { useSigned } from '../context.ts';
import { t, word } from '../text/index.ts';
import { Field } from './field.tsx';

export const filterNames = ['name', 'provider', 'region', 'state', 'requestedBy', 'sort'] as const;
const states = ['vending', 'active', 'conflict', 'retired', 'purging', 'vacant'];
const PAUSE_MS = 250;

export function Filters({
  words,
  onWords,
}: {
  words: Readonly<Record<string, string>>;
  onWords(change: Record<string, string>): void;
}) {
  const { contract } = useSigned();
  const any = ['', t('any')] as const;
  return (
    <search>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Typed label={t('filter.name')} value={words.name ?? ''} onValue={(name) => onWords({ name })} />
        <Field
          label={t('provider')}
          value={words.provider ?? ''}
          onValue={(provider) => onWords({ provider })}
          options={[any, ...contract.providers.map((one) => [one, one.toUpperCase()] as const)]}
        />
        <Typed label={t('region')} value={words.region ?? ''} onValue={(region) => onWords({ region })} />
        <Field
          label={t('state')}
          value={words.state ?? ''}
          onValue={(state) => onWords({ state })}
          options={[any, ...states.map((one) => [one, word('state', one)] as const)]}
        />
        <Typed
          label={t('filter.requested-by')}
          value={words.requestedBy ?? ''}
          onValue={(requestedBy) => onWords({ requestedBy })}
        />
      </form>
    </search>
  );
}

function Typed({ label, value, onValue }: { label: string; value: string; onValue(value: string): void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onValue(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return <Field label={label} type="search" value={typed} onValue={setTyped} />;
}
