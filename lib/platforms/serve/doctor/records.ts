// Whether ledger, inbox and store can be had, are the ones that they were, and keep what they are given.
import { VendingError } from '../../../errors.ts';
import type { Inbox } from '../../../inbox/inbox.ts';
import { lookAtLedger } from '../../../vending/ledger-look.ts';
import type { Ports } from '../../../vending/ports.ts';
import { type Finding, note, ok, wrong } from './finding.ts';

/** @param open opens what is looked at; that it does so is the first finding */
export async function lookAt<T>(
  part: Finding['part'],
  called: string,
  open: () => Promise<T>,
  further: (opened: T) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [ok(part, `${called} can be asked`), ...(await further(await open()))].slice(0);
  } catch (error) {
    if (error instanceof VendingError)
      return [wrong(part, `${called}: ${error.message} (${error.code})`, 'See docs/errors.md for the code.')];
    if (error instanceof TypeError) return [wrong(part, `${called}: ${error.message}`, 'Change the configuration.')];
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return [wrong(part, `${called} cannot be opened (${code})`, 'Check that it is there, and who may use it.')];
  }
}

export async function lookAtRecords(
  ports: Pick<Ports, 'deployment' | 'ledger' | 'store'>,
): Promise<readonly Finding[]> {
  const { deployment, fenced, unrecordedSecrets } = await lookAtLedger(ports);
  return [
    fenced
      ? wrong(
          'ledger',
          'this ledger was restored or copied: nothing is made, deleted, edited or purged by it',
          'Compare it (keyvend reconcile), make sure that no other keyvend works with the one that it was copied from, then: keyvend ledger confirm',
        )
      : ok('ledger', `the ledger is deployment ${deployment}'s own`),
    ...(unrecordedSecrets > 0
      ? [
          wrong(
            'store',
            `${unrecordedSecrets} stored keys belong to no record`,
            'Was this ledger lost, or set up anew? keyvend reconcile lists them; restore the ledger before anything is vended.',
          ),
        ]
      : []),
  ];
}

/** Of keys in Alibaba KMS: what nobody would know who has used it before it asked for that. */
export function lookAtKms({
  KEYVEND_STORE: store,
  KEYVEND_ALIBABA_KMS_INSTANCE: instance,
}: Readonly<Record<string, unknown>>): readonly Finding[] {
  if (store !== 'kms' || instance !== undefined) return [];
  return [
    note(
      'store',
      'no KMS instance is named, and without one KMS takes new secrets of few accounts',
      'Buy and enable one, which costs by the month, make a symmetric key in it, and set KEYVEND_ALIBABA_KMS_INSTANCE and KEYVEND_ALIBABA_KMS_KEY.',
    ),
  ];
}

export async function lookAtInbox(inbox: Inbox, nowMs: number): Promise<readonly Finding[]> {
  const counts = Object.entries(await inbox.counts());
  const buried = counts.filter(([, { buried }]) => buried > 0);
  const late = counts.filter(([, { oldestDueAtMs }]) => oldestDueAtMs !== undefined && nowMs - oldestDueAtMs > LATE_MS);
  return [
    ...buried.map(([queue, { buried }]) =>
      note(
        'inbox',
        `${buried} ${buried === 1 ? 'message' : 'messages'} of ${queue} can never succeed`,
        `keyvend queue list --queue ${queue} --state buried`,
      ),
    ),
    ...late.map(([queue]) =>
      note('inbox', `messages of ${queue} have been due for more than ten minutes`, 'Is keyvend serve running?'),
    ),
  ];
}
const LATE_MS = 10 * 60_000;
