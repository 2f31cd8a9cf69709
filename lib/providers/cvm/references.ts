// What holds the id of a pair of CVM without being a machine: versions of launch templates, and AS's launch configurations. The key
// behind an id never changes, so a new name of the pair helps none of them.
// Source: CVM DescribeLaunchTemplates, DescribeLaunchTemplateVersions; AS DescribeLaunchConfigurations.
import type { DescribeLaunchTemplateVersionsRequest } from 'tencentcloud-sdk-nodejs-cvm/tencentcloud/services/cvm/v20170312/cvm_models.js';
import { asObject } from '../../transport/json.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { count, idIn, present, text } from '../fields.ts';
import type { Reference, ReferenceKind } from '../fleet.ts';
import { together } from '../instances.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import { readAllPages } from '../paging.ts';
import type { Send } from './calls.ts';
import { refusals } from './fleet-refusals.ts';

const templates: Operation = { service: 'cvm', refusals, action: 'DescribeLaunchTemplates', changes: false };
const versions: Operation = { service: 'cvm', refusals, action: 'DescribeLaunchTemplateVersions', changes: false };
const configurations: Operation = { service: 'cvm', refusals, action: 'DescribeLaunchConfigurations', changes: false };

const PAGE_SIZE = 100; // the most of each

export const referenceKinds = ['launch-template', 'launch-configuration'] as const satisfies readonly ReferenceKind[];

export interface Calls {
  readonly cvm: Send;
  readonly as: Send;
}
type Fields = Reply['fields'];
export type Template = Pick<Reference, 'id' | 'name'> & {
  readonly defaultVersion: number | undefined;
  readonly latestVersion: number | undefined;
};

export interface Version {
  readonly number: number;
  readonly isDefault: boolean;
  readonly description: string;
  readonly keyIds: readonly string[];
  /** What it launches, in CVM's words. */
  readonly data: Fields;
}

/** @param ids of one pair, or of all that have its name */
export async function referencesTo(
  calls: Calls,
  region: string,
  ids: readonly string[],
  kinds: readonly ReferenceKind[],
  call: CallLimits,
): Promise<readonly Reference[]> {
  const found: Reference[] = [];
  if (ids.length === 0) return found;
  if (kinds.includes('launch-template')) found.push(...(await inTemplates(calls.cvm, region, ids, call)));
  if (kinds.includes('launch-configuration')) found.push(...(await inConfigurations(calls.as, region, ids, call)));
  return found;
}

async function inTemplates(send: Send, region: string, ids: readonly string[], call: CallLimits): Promise<Reference[]> {
  return together(await templatesWhere(send, region, {}, call), async (template) => {
    const { defaultVersion: _, latestVersion: __, ...named } = template;
    const all = await versionsOf(send, region, template, call);
    return all
      .filter(({ keyIds }) => keyIds.some((id) => ids.includes(id)))
      .map(({ number, isDefault }) => {
        return { kind: 'launch-template', region, ...named, version: number, isDefault, by: 'id' } as const;
      });
  });
}

export const templatesWhere = (
  send: Send,
  region: string,
  wanted: { readonly LaunchTemplateIds?: readonly string[] },
  call: CallLimits,
): Promise<readonly Template[]> =>
  everyRow(send, templates, region, wanted, 'LaunchTemplateSet', call, (row, reply) => ({
    id: idIn(templates, reply, row, 'LaunchTemplateId'),
    defaultVersion: count(row.DefaultVersionNumber),
    latestVersion: count(row.LatestVersionNumber),
    ...present({ name: text(row.LaunchTemplateName) }),
  }));

/** Every version of a template. The default one is asked for by itself where it is not among the others. */
export async function versionsOf(
  send: Send,
  region: string,
  { id, defaultVersion, latestVersion }: Template,
  call: CallLimits,
): Promise<readonly Version[]> {
  const read = (more: Partial<DescribeLaunchTemplateVersionsRequest>) => {
    const wanted = { LaunchTemplateId: id, ...more };
    return everyRow(send, versions, region, wanted, 'LaunchTemplateVersionSet', call, version);
  };
  // Without a highest number it is 30, and a template whose old versions were deleted has higher ones.
  const listed = await read(latestVersion === undefined ? {} : { MaxVersion: latestVersion });
  const complete = listed.some(({ isDefault, number }) => isDefault || number === defaultVersion);
  return complete ? listed : [...listed, ...(await read({ DefaultVersion: true }))];
}

function version(row: Fields, reply: Reply): Version {
  const [number, data] = [count(row.LaunchTemplateVersion), asObject(row.LaunchTemplateVersionData)];
  // Without its data, nobody knows which key it holds.
  if (number === undefined || data === undefined) throw unreadable(versions, 'without versions', reply.requestId);
  const description = text(row.LaunchTemplateVersionDescription) ?? '';
  return { number, data, keyIds: keyIdsIn(data), isDefault: row.IsDefaultVersion === true, description };
}

async function inConfigurations(
  send: Send,
  region: string,
  ids: readonly string[],
  call: CallLimits,
): Promise<Reference[]> {
  const all = await everyRow(send, configurations, region, {}, 'LaunchConfigurationSet', call, (row, reply) => ({
    id: idIn(configurations, reply, row, 'LaunchConfigurationId'),
    holds: keyIdsIn(row).some((id) => ids.includes(id)),
    ...present({ name: text(row.LaunchConfigurationName) }),
  }));
  return all.flatMap(({ holds, ...named }) =>
    holds ? [{ kind: 'launch-configuration', region, ...named, by: 'id' } as const] : [],
  );
}

/** `LoginSettings.KeyIds`; null where there are none. */
function keyIdsIn(fields: Fields): string[] {
  const ids = asObject(fields.LoginSettings)?.KeyIds;
  return (Array.isArray(ids) ? ids : []).flatMap((id) => text(id) ?? []);
}

async function everyRow<Row extends { readonly id: string } | { readonly number: number }>(
  send: Send,
  operation: Operation,
  region: string,
  wanted: object,
  set: string,
  call: CallLimits,
  read: (row: Fields, reply: Reply) => Row,
): Promise<readonly Row[]> {
  const { rows } = await readAllPages(
    async ({ seen }) => {
      const reply = await send(operation, region, { ...wanted, Offset: seen, Limit: PAGE_SIZE }, call);
      const list = reply.fields[set];
      if (!Array.isArray(list)) throw unreadable(operation, `without ${set}`, reply.requestId);
      return { rows: list.map((row) => read(asObject(row) ?? {}, reply)), total: count(reply.fields.TotalCount) };
    },
    (row) => ('id' in row ? row.id : row.number),
  );
  return rows;
}
