// Tags for a new pair, a row each.
import { broken, type Schema } from '../contract.ts';
import { t } from '../text/index.ts';

type Rows = readonly (readonly [string, string])[];

export function Tags({ rows, rule, onRows }: { rows: Rows; rule: Schema; onRows(rows: Rows): void }) {
  const values = typeof rule.additionalProperties === 'object' ? rule.additionalProperties : {};
  const set = (at: number, row: readonly [string, string]) => onRows(rows.map((one, i) => (i === at ? row : one)));
  const isWrong = (schema: Schema, text: string) =>
    text !== '' && broken(schema, text) ? ('true' as const) : undefined;
  return (
    <fieldset>
      <legend>{t('tags')}</legend>
      {rows.map(([name, value], i) => (
        <p class="row" key={i}>
          <input
            aria-label={`${t('tag.name')} ${i + 1}`}
            placeholder={t('tag.name')}
            value={name}
            aria-invalid={isWrong(rule.propertyNames ?? {}, name)}
            onInput={({ currentTarget }) => set(i, [currentTarget.value, value])}
          />
          <input
            aria-label={`${t('tag.value')} ${i + 1}`}
            placeholder={t('tag.value')}
            value={value}
            aria-invalid={isWrong(values, value)}
            onInput={({ currentTarget }) => set(i, [name, currentTarget.value])}
          />
          <button
            type="button"
            aria-label={`${t('host.remove')} ${i + 1}`}
            onClick={() => onRows(rows.filter((_, at) => at !== i))}
          >
            {t('host.remove')}
          </button>
        </p>
      ))}
      <button type="button" onClick={() => onRows([...rows, ['', '']])}>
        {t('tag.add')}
      </button>
    </fieldset>
  );
}
