// What commands on key pairs ask of a deployment, and how they print what it answers.
import type { Identity } from '../../lib/identity.ts';
import { distance } from '../moments.ts';
import { printTable, stateCell } from '../table.ts';
import { type Deployment, print, printJson, refOf, typed } from './deployment.ts';
import { metadataLines } from './metadata-lines.ts';

type Vend = Parameters<Deployment['vend']>[0];
type Query = Parameters<Deployment['all']>[0];

/** @param more tags and the like, as the request has them */
export async function vend(to: Deployment, identity: Identity, more: object, key: string | undefined, json: boolean) {
  const options = key === undefined ? {} : { idempotencyKey: key };
  const answer = await to.vend({ ...refOf(identity), ...more } as Vend, options);
  if (json) return printJson(answer);
  const { keyPairId, fingerprint, created, usage } = answer;
  print(`${created ? 'vended' : 'was vended already'}: ${[keyPairId, fingerprint].filter(Boolean).join(' ')}`);
  if (usage) print(`${usage.used} of ${usage.limit} key pairs are there`);
  if (!('publicKey' in more)) print(`read its private key where it is stored: keyvend key ${typed(identity)}`);
}

/** All pages. */
export async function list(to: Deployment, query: Query, json: boolean): Promise<void> {
  const rows = [];
  const nowMs = Date.now();
  for await (const pair of to.all(query)) {
    if (json) printJson(pair);
    const { provider, account, region, name, state, requestedBy, requestedAt, nextAgeRotationAt } = pair;
    const next = nextAgeRotationAt === undefined ? '' : distance(Date.parse(nextAgeRotationAt), nowMs);
    const made = distance(Date.parse(requestedAt), nowMs);
    rows.push([provider, region, account, name, stateCell(state), made, next, requestedBy]);
  }
  if (json) return;
  const head = ['PROVIDER', 'REGION', 'ACCOUNT', 'NAME', 'STATE', 'REQUESTED', 'NEXT ROTATION', 'BY'];
  printTable(head, rows, 'there are no such key pairs that you may read');
}

export async function show(to: Deployment, identity: Identity, json: boolean): Promise<void> {
  const pair = await to.read(refOf(identity));
  if (json) printJson(pair);
  else print(...metadataLines(pair, Date.now()));
}

/** @returns the line of the key that counts, if one does */
export const publicKey = async (to: Deployment, identity: Identity): Promise<string | undefined> =>
  (await to.read(refOf(identity))).versions.find(({ current }) => current)?.publicKey;

export async function retire(to: Deployment, identity: Identity, force: boolean, json: boolean): Promise<void> {
  const answer = await to.retire(refOf(identity), { force });
  if (json) return printJson(answer);
  print(`retired: the key opens nothing new, and is purged later; until then: keyvend restore ${typed(identity)}`);
}

export async function restore(to: Deployment, identity: Identity, json: boolean): Promise<void> {
  const answer = await to.restore(refOf(identity));
  if (json) printJson(answer);
  else print('restored: it is in use again');
}

export async function readPolicy(to: Deployment, identity: Identity): Promise<void> {
  print(JSON.stringify(await to.policy(refOf(identity)), null, 2));
}

/** @param body as it was written */
export async function writePolicy(to: Deployment, identity: Identity, body: object, json: boolean): Promise<void> {
  const answer = await to.setPolicy(refOf(identity), body as Parameters<Deployment['setPolicy']>[1]);
  if (json) printJson(answer);
  else print(`set; see how it is rotated: keyvend show ${typed(identity)}`);
}

/** The newest first. @param most entries */
export async function history(to: Deployment, identity: Identity, most: number, json: boolean): Promise<void> {
  const rows = [];
  for (let cursor: string | undefined, more = true; more && rows.length < most; more = cursor !== undefined) {
    const limit = Math.min(100, most - rows.length);
    const page = await to.history(refOf(identity), { limit, ...(cursor !== undefined && { cursor }) });
    cursor = page.cursor;
    for (const entry of page.entries) {
      if (json) printJson(entry);
      rows.push([entry.at, entry.did, entry.door, entry.who, entry.request ?? '']);
    }
    if (page.entries.length === 0) break;
  }
  if (!json) printTable(['AT', 'WHAT', 'DOOR', 'WHO', 'REQUEST'], rows, 'nothing is on record');
}

/** The only key pair in use of that name, for a command that names no provider. @returns undefined where there are none, or several */
export async function onlyOne(
  to: Deployment,
  name: string,
  { region, account }: { readonly region?: string; readonly account?: string },
): Promise<Identity | undefined> {
  const found: Identity[] = [];
  for await (const pair of to.all({ name, state: 'active', region }))
    if (pair.name === name && (account === undefined || pair.account === account)) found.push(pair);
  const [only, another] = found;
  if (only === undefined || another !== undefined) return undefined;
  return { provider: only.provider, account: only.account, region: only.region, name };
}
