// Spans on one axis of time, such as rotations: from when to when, and where the key began to count.
import { fromNow, moment } from '../format.ts';
import { t } from '../text/index.ts';

export interface Span {
  readonly label: string;
  readonly href: string;
  readonly from: string;
  readonly mark?: string | undefined;
  readonly to?: string | undefined;
  readonly tone?: 'good' | 'bad' | 'busy';
  readonly says: string;
}

export function TimeLine({ label, spans, now = Date.now() }: { label: string; spans: readonly Span[]; now?: number }) {
  const first = Math.min(...spans.map(({ from }) => Date.parse(from)));
  const last = Math.max(now, ...spans.map(({ to }) => Date.parse(to ?? '') || now));
  const x = (at: string | undefined) => (100 * ((Date.parse(at ?? '') || last) - first)) / Math.max(1, last - first);
  return (
    <figure class="time-line">
      <ul aria-label={label}>
        {spans.map(({ label, href, from, mark, to, tone = '', says }) => (
          <li key={href}>
            <a href={href}>{label}</a>
            <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
              <rect class="track" y="4" width="100" height="2" />
              <rect
                class={`bar ${tone}`}
                x={Math.min(x(from), 98.5)}
                y="1"
                width={Math.max(1.5, x(to) - x(from))}
                height="8"
                rx="1"
              />
              {mark && <rect class="mark" x={Math.min(x(mark), 99)} y="0" width="0.8" height="10" />}
            </svg>
            <span class="bar-value">{says}</span>
          </li>
        ))}
      </ul>
      <figcaption>
        <time dateTime={new Date(first).toISOString()} title={moment(new Date(first).toISOString())}>
          {fromNow(new Date(first).toISOString(), now)}
        </time>
        <span>{t('now')}</span>
      </figcaption>
    </figure>
  );
}
