// The words of the page, one module for each language, loaded when it is chosen. Dates, numbers and lists are Intl's.
import type { Key, Messages } from './en.ts';

export type { Key } from './en.ts';
export const languages = { en: 'English', de: 'Deutsch', zh: '中文' } as const;
export type Language = keyof typeof languages;

const loaders: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: async () => (await import('./en.ts')).en,
  de: async () => (await import('./de.ts')).de,
  zh: async () => (await import('./zh.ts')).zh,
};
const KEPT = 'keyvend.language';

let messages: Messages;
export let language: Language = 'en';

const isLanguage = (word: string | null | undefined): word is Language =>
  word != null && Object.hasOwn(languages, word);

/** The one that was chosen here, or the first of the browser's that there is. */
export function usualLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  const wanted = navigator.languages.map((one) => one.slice(0, 2).toLowerCase());
  return isLanguage(kept) ? kept : (wanted.find(isLanguage) ?? 'en');
}

export async function speak(next: Language, { keep = false } = {}): Promise<void> {
  messages = await loaders[next]();
  language = next;
  document.documentElement.lang = next;
  if (keep) localStorage.setItem(KEPT, next);
}

type Values = Readonly<Record<string, string | number>>;

export const t = (key: Key, values: Values = {}): string =>
  messages[key].replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : String(value ?? '');
  });

type Counted = Key extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

/** With the form that the number takes. */
export function count(stem: Counted, n: number, values: Values = {}): string {
  const form = new Intl.PluralRules(language).select(n) === 'one' ? 'one' : 'other';
  return t(`${stem}.${form}` as Key, { n, ...values });
}

/** A word of the API's own in this language where there is one: a state, for instance. */
export const word = (group: string, said: string): string => {
  const key = `${group}.${said}` as Key;
  return Object.hasOwn(messages, key) ? t(key) : said;
};
