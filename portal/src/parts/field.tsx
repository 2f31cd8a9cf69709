// One field of a form, with its label, what it is for, and what is wrong with it.
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  onValue(value: string): void;
  readonly hint?: string | undefined;
  readonly wrong?: string | undefined;
  readonly required?: boolean;
  readonly type?: 'text' | 'number' | 'search';
  readonly name?: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly step?: string;
  /** Instead of a line to type in: these are what can be chosen. */
  readonly options?: readonly (readonly [value: string, says: string])[];
  readonly rows?: number;
}

export function Field({ label, value, onValue, hint, wrong, required = false, options, rows, ...input }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, wrong && `${id}-wrong`].filter(Boolean).join(' ');
  const shared = {
    ...{ id, value, required },
    ...(input.name && { name: input.name }),
    ...(described && { 'aria-describedby': described }),
    ...(wrong && { 'aria-invalid': 'true' as const }),
  };
  const typed = (event: JSX.TargetedEvent<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>) =>
    onValue(event.currentTarget.value);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {options ? (
        <select {...shared} onChange={typed}>
          {options.map(([one, says]) => (
            <option key={one} value={one}>
              {says}
            </option>
          ))}
        </select>
      ) : rows ? (
        <textarea {...shared} rows={rows} onInput={typed} spellcheck={false} />
      ) : (
        <input {...shared} {...input} autocomplete="off" spellcheck={false} onInput={typed} />
      )}
      {hint && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
      {wrong && (
        <small id={`${id}-wrong`} class="wrong">
          {wrong}
        </small>
      )}
    </div>
  );
}

export const Check = ({
  label,
  checked,
  onChecked,
}: {
  label: ComponentChildren;
  checked: boolean;
  onChecked(on: boolean): void;
}) => (
  <label class="check">
    <input type="checkbox" checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} /> {label}
  </label>
);
