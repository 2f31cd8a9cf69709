// Half-filled forms. They outlive a change of page and of language in memory, and a new sign-in in sessionStorage: fields alone, which
// nobody keeps a token or a key in.
import { useState } from 'preact/hooks';

const drafts = new Map<string, unknown>();

export const keepDrafts = (): Record<string, unknown> => Object.fromEntries(drafts);
export function restoreDrafts(kept: Record<string, unknown>): void {
  for (const [form, fields] of Object.entries(kept)) drafts.set(form, fields);
}
const dropDraft = (form: string): void => void drafts.delete(form);
export const dropDrafts = (): void => drafts.clear();

/** As useState, for a form's fields. @returns besides: drops what was typed */
export function useDraft<T>(form: string, initial: T): [T, (next: T) => void, () => void] {
  const [fields, setFields] = useState<T>(() => (drafts.get(form) as T | undefined) ?? initial);
  const set = (next: T) => {
    drafts.set(form, next);
    setFields(next);
  };
  const drop = () => {
    dropDraft(form);
    setFields(initial);
  };
  return [fields, set, drop];
}
