// Header, navigation and what is said aloud; the page itself is between.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { useSigned } from '../context.ts';
import { type Key, type Language, language, languages, speak, t } from '../text/index.ts';
import { applyTheme, type Theme, themes, usualTheme } from '../theme.ts';

interface FrameProps {
  readonly who: string;
  readonly said: string;
  readonly children: ComponentChildren;
  signOut(): void;
  onLanguage(next: string): void;
}

export function Frame({ who, said, children, signOut, onLanguage }: FrameProps) {
  const { contract } = useSigned();
  const [place] = useLocation();
  const pages: readonly (readonly [to: string, says: Key, isThere: boolean])[] = [
    ['/', 'nav.overview', true],
    ['/key-pairs', 'nav.key-pairs', true],
    ['/vend', 'nav.vend', true],
    ['/dead-letters', 'nav.dead-letters', contract.has('GET /v1/messages')],
    ['/why', 'nav.why', contract.has('GET /v1/access')],
  ];
  const isHere = (to: string) => (to === '/' ? place === '/' : place.startsWith(to));
  const skip = () => document.querySelector<HTMLElement>('h1')?.focus();
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        {t('skip')}
      </button>
      <header>
        <span class="brand">
          <img src="./icon.svg" alt="" width="24" height="24" /> keyvend
        </span>
        <nav aria-label={t('nav')}>
          <ul>
            {pages
              .filter(([, , isThere]) => isThere)
              .map(([to, says]) => (
                <li key={to}>
                  <Link href={to} aria-current={isHere(to) ? 'page' : undefined}>
                    {t(says)}
                  </Link>
                </li>
              ))}
          </ul>
        </nav>
        <Choices onLanguage={onLanguage} />
        <span class="who">
          <span title={t('signed-in-as')}>{who}</span>{' '}
          <button type="button" onClick={signOut}>
            {t('sign-out')}
          </button>
        </span>
      </header>
      <p class="said" role="status" aria-live="polite">
        {said}
      </p>
      <main id="main" key={language}>
        {children}
      </main>
    </>
  );
}

function Choices({ onLanguage }: { onLanguage(next: string): void }) {
  const [theme, setTheme] = useState<Theme>(usualTheme);
  return (
    <span class="choices">
      <select
        aria-label={t('theme')}
        value={theme}
        onChange={({ currentTarget }) => {
          const next = currentTarget.value as Theme;
          applyTheme(next);
          setTheme(next);
        }}
      >
        {themes.map((one) => (
          <option key={one} value={one}>
            {t(`theme.${one}`)}
          </option>
        ))}
      </select>
      <select
        aria-label={t('language')}
        value={language}
        onChange={({ currentTarget }) => {
          const next = currentTarget.value as Language;
          void speak(next, { keep: true }).then(() => onLanguage(next));
        }}
      >
        {Object.entries(languages).map(([one, says]) => (
          <option key={one} value={one} lang={one}>
            {says}
          </option>
        ))}
      </select>
    </span>
  );
}
