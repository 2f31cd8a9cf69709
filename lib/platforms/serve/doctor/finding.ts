// What a look at one part of a deployment came to.

export interface Finding {
  /** `ok`; `note`, which keeps nobody from working; `wrong`, which does, or will. */
  readonly is: 'ok' | 'note' | 'wrong';
  readonly part:
    | 'configuration'
    | 'access'
    | 'issuer'
    | 'ledger'
    | 'inbox'
    | 'store'
    | 'cloud'
    | 'clock'
    | 'server'
    | 'webhook';
  readonly says: string;
  /** What to do about it. */
  readonly next?: string;
}

type Of = Finding['part'];
export const ok = (part: Of, says: string): Finding => ({ is: 'ok', part, says });
export const note = (part: Of, says: string, next?: string): Finding => ({
  is: 'note',
  part,
  says,
  ...(next && { next }),
});
export const wrong = (part: Of, says: string, next: string): Finding => ({ is: 'wrong', part, says, next });
