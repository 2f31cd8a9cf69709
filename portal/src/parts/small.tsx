// Small parts that many pages have.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useSigned } from '../context.ts';
import { fromNow, moment } from '../format.ts';
import { type Key, t, word } from '../text/index.ts';

/** A page's heading. It gets the focus when the page is come to, so that whoever listens hears where they are. */
export function Heading({ title, children }: { title: string; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} - keyvend`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div class="heading">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}

export function When({ at, said = 'from-now' }: { at: string; said?: 'from-now' | 'moment' }) {
  return (
    <time dateTime={at} title={said === 'moment' ? fromNow(at) : moment(at)}>
      {said === 'moment' ? moment(at) : fromNow(at)}
    </time>
  );
}

/** Issuer and subject, of which the subject says who it is; the rest is there for whoever points at it. */
export const Who = ({ id }: { id: string }) => (
  <small class="by" title={id}>
    {id.split(' ').at(-1)}
  </small>
);

const colours: Readonly<Record<string, string>> = {
  ...{ active: 'good', ok: 'good', proven: 'good', promoted: 'good', 'old-key-removed': 'good', purged: 'good' },
  ...{ conflict: 'bad', failed: 'bad', dead: 'bad', buried: 'bad' },
  ...{ vending: 'busy', requested: 'busy', staged: 'busy', 'rolled-out': 'busy', cancelling: 'busy', purging: 'busy' },
};

/** A state, by its word and by a colour. */
export const Badge = ({ group, state }: { group: 'state' | 'rotation' | 'host' | 'message'; state: string }) => (
  <span class={`badge ${colours[state] ?? ''}`}>{word(group, state)}</span>
);

export function Copy({ text, label }: { text: string; label: string }) {
  const { say } = useSigned();
  const [isDone, setDone] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setDone(true);
        say(t('copied'));
      },
      () => say(t('not-copied')),
    );
  return (
    <button type="button" class="copy" aria-label={`${t('copy')}: ${label}`} onClick={() => void copy()}>
      {isDone ? t('copied') : t('copy')}
    </button>
  );
}

/** Text to take elsewhere, with its button. */
export const Block = ({ label, text }: { label: string; text: string }) => (
  <figure class="block">
    <figcaption>
      {label} <Copy text={text} label={label} />
    </figcaption>
    <pre>{text}</pre>
  </figure>
);

export const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

export const Loading = () => (
  <p class="loading" role="status">
    {t('loading')}
  </p>
);

/** Nothing is there, which is no failure. */
export const Empty = ({ says, leads, to }: { says: Key; leads?: Key; to?: string }) => (
  <p class="note empty">
    {t(says)}
    {leads && to && (
      <>
        {' '}
        <Link href={to}>{t(leads)}</Link>
      </>
    )}
  </p>
);
