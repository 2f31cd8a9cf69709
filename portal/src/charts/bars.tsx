// Bars with their numbers, as a list: whoever listens hears label and number, and the drawing is left out.
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What the whole width stands for; by default the longest bar's value. */
  readonly of?: number | undefined;
  readonly says: string;
  readonly tone?: 'good' | 'bad' | 'busy';
}

export function Bars({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const longest = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul class="bars" aria-label={label}>
      {bars.map(({ label, value, of, says, tone = '' }) => (
        <li key={label}>
          <span class="bar-label">{label}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="track" width="100" height="8" rx="1" />
            <rect class={`bar ${tone}`} width={Math.min(100, (100 * value) / (of || longest))} height="8" rx="1" />
          </svg>
          <span class="bar-value">{says}</span>
        </li>
      ))}
    </ul>
  );
}
