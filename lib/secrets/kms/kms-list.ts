// All secrets of a deployment. KMS numbers its pages, and what goes from one moves the rest up: each page is read with the one before it, and
// goes on after the last secret that was shown. Source: ListSecrets; 40 calls a second for an account, as for ListSecretVersionIds.
import { VendingError } from '../../errors.ts';
import type { Identity } from '../../identity.ts';
import type { SecretPage, StoredSecret } from '../secret-store.ts';
import { unusable } from './kms-calls.ts';
import { type KmsScope, versionsOf } from './kms-lookup.ts';
import { DEPLOYMENT_TAG, identityIn, nameOf } from './kms-name.ts';
import { isScheduled, rowsIn, storedSecret, tagsIn } from './kms-secret.ts';

const SIZE = 20;

interface Row {
  readonly name: string;
  /** Undefined for what is not ours, or is to be deleted. */
  readonly identity: Identity | undefined;
}

export async function list(scope: KmsScope, cursor?: string): Promise<SecretPage> {
  const { page, after } = cursor === undefined ? { page: 1, after: undefined } : positionOf(cursor);
  const { rows, isLast } = await rowsOf(scope, page);
  const fresh = [...(await since(scope, page, after)), ...rows];
  const secrets: StoredSecret[] = [];
  for (const { name, identity } of fresh) {
    const versions = identity && (await versionsOf(scope, name));
    const tags: ReadonlyMap<string, string> = new Map();
    const secret = versions && storedSecret(identity, { name, tags, deletionScheduled: false, versions });
    if (secret !== undefined) secrets.push(secret);
  }
  const last = fresh.at(-1)?.name ?? after;
  return !isLast && last !== undefined ? { secrets, cursor: cursorOf(page + 1, last) } : { secrets };
}

/** What follows the last one that was shown, on the pages before this one. As many as have gone meanwhile, it is that far back; or has gone itself. */
async function since(scope: KmsScope, page: number, after: string | undefined): Promise<readonly Row[]> {
  let rows: readonly Row[] = [];
  for (let before = page - 1; before >= 1; before -= 1) {
    rows = [...(await rowsOf(scope, before)).rows, ...rows];
    const at = rows.findIndex(({ name }) => name === after);
    if (at >= 0) return rows.slice(at + 1);
  }
  return rows;
}

async function rowsOf(
  scope: KmsScope,
  page: number,
): Promise<{ readonly rows: readonly Row[]; readonly isLast: boolean }> {
  const { kms, deployment } = scope;
  const answer = await kms.send('ListSecrets', {
    ...{ FetchTags: 'true', PageNumber: String(page), PageSize: String(SIZE) },
    Filters: JSON.stringify([
      { Key: 'TagKey', Values: [DEPLOYMENT_TAG] },
      { Key: 'TagValue', Values: [deployment] },
    ]),
  });
  const rows = rowsIn(answer.SecretList, 'Secret');
  if (rows === undefined) throw unusable('ListSecrets');
  const total = answer.TotalCount === undefined ? Number.NaN : Number(answer.TotalCount);
  const isLast = Number.isNaN(total) ? rows.length < SIZE : page * SIZE >= total;
  return { rows: rows.map((row) => rowIn(scope, row)), isLast };
}

/** The filter goes by key and by value, of any tag: the check of each makes it right. */
function rowIn({ deployment, prefix }: KmsScope, shown: Readonly<Record<string, unknown>>): Row {
  const [name, tags] = [String(shown.SecretName), tagsIn(shown.Tags)];
  const identity = tags.get(DEPLOYMENT_TAG) === deployment ? identityIn(tags) : undefined;
  const isOurs = identity !== undefined && nameOf(prefix, identity) === name && !isScheduled(shown.PlannedDeleteTime);
  return { name, identity: isOurs ? identity : undefined };
}

const cursorOf = (page: number, after: string): string => Buffer.from(`${page} ${after}`).toString('base64url');

/** @throws {VendingError} INVALID_REQUEST unless `cursorOf` made it */
function positionOf(cursor: string): { readonly page: number; readonly after: string } {
  const text = cursor.length > 1_000 ? '' : Buffer.from(cursor, 'base64url').toString();
  const [, number, after] = /^([2-9]|[1-9]\d{1,6}) ([A-Za-z0-9_/+=.@-]{1,192})$/.exec(text) ?? [];
  if (number !== undefined && after !== undefined && cursorOf(Number(number), after) === cursor)
    return { page: Number(number), after };
  throw new VendingError('INVALID_REQUEST', 'The cursor did not come from this listing');
}
