// What names a pair of ECS without having it: versions of launch templates, and ESS's scaling configurations. Neither is checked
// before it launches something, and neither can be asked for by pair.
// Source: ECS DescribeLaunchTemplates, DescribeLaunchTemplateVersions; ESS DescribeScalingConfigurations.

import type { Parameters } from '../../alibaba/acs3.ts';
import { asObject } from '../../transport/json.ts';
import type { CallLimits } from '../../transport/wire.ts';
import { count, idIn, present, text } from '../fields.ts';
import type { Reference, ReferenceKind, UsedPair } from '../fleet.ts';
import { together } from '../instances.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import { readAllPages } from '../paging.ts';
import type { Send } from './calls.ts';
import { refusals } from './fleet-refusals.ts';

const templates: Operation = { service: 'ecs', refusals, action: 'DescribeLaunchTemplates', changes: false };
const versions: Operation = { service: 'ecs', refusals, action: 'DescribeLaunchTemplateVersions', changes: false };
const configurations: Operation = { service: 'ecs', refusals, action: 'DescribeScalingConfigurations', changes: false };

const PAGE_SIZE = 50; // the most of each

export const referenceKinds = ['launch-template', 'scaling-configuration'] as const satisfies readonly ReferenceKind[];

export interface Calls {
  readonly ecs: Send;
  readonly ess: Send;
}
type Fields = Reply['fields'];
type Template = Pick<Reference, 'id' | 'name'> & { readonly defaultVersion: number | undefined };

export interface Version {
  readonly number: number;
  readonly isDefault: boolean;
  readonly description: string;
  /** What it launches, in ECS's words. */
  readonly data: Fields;
}

export async function referencesTo(
  calls: Calls,
  { region, name }: UsedPair,
  kinds: readonly ReferenceKind[],
  call: CallLimits,
): Promise<readonly Reference[]> {
  const found: Reference[] = [];
  if (kinds.includes('launch-template')) found.push(...(await inTemplates(calls.ecs, region, name, call)));
  if (kinds.includes('scaling-configuration')) found.push(...(await inConfigurations(calls.ess, region, name, call)));
  return found;
}

async function inTemplates(send: Send, region: string, pair: string, call: CallLimits): Promise<Reference[]> {
  const all = await everyRow(
    send,
    templates,
    region,
    {},
    ['LaunchTemplateSets', 'LaunchTemplateSet'],
    call,
    (row, reply) => ({
      id: idIn(templates, reply, row, 'LaunchTemplateId'),
      defaultVersion: count(row.DefaultVersionNumber),
      ...present({ name: text(row.LaunchTemplateName) }),
    }),
  );
  return together(all, async (template: Template) => {
    const { defaultVersion: _, ...named } = template;
    const naming = (await versionsOf(send, region, template, call)).filter(({ data }) => data.KeyPairName === pair);
    return naming.map(({ number, isDefault }) => {
      return { kind: 'launch-template', region, ...named, version: number, isDefault, by: 'name' } as const;
    });
  });
}

/** Every version of a template. The default one is asked for by itself where it is not among the others. */
export async function versionsOf(
  send: Send,
  region: string,
  { id, defaultVersion }: Pick<Template, 'id' | 'defaultVersion'>,
  call: CallLimits,
): Promise<readonly Version[]> {
  const read = (more: Parameters) =>
    everyRow(
      send,
      versions,
      region,
      { LaunchTemplateId: id, DetailFlag: true, ...more },
      ['LaunchTemplateVersionSets', 'LaunchTemplateVersionSet'],
      call,
      (row, reply) => version(row, reply),
    );
  const listed = await read({});
  const complete = listed.some(({ isDefault, number }) => isDefault || number === defaultVersion);
  return complete ? listed : [...listed, ...(await read({ DefaultVersion: true }))];
}

function version(row: Fields, reply: Reply): Version {
  const [number, data] = [count(row.VersionNumber), asObject(row.LaunchTemplateData)];
  // Without its data, nobody knows what a version names.
  if (number === undefined || data === undefined) throw unreadable(versions, 'without versions', reply.requestId);
  return { number, data, isDefault: row.DefaultVersion === true, description: text(row.VersionDescription) ?? '' };
}

async function inConfigurations(send: Send, region: string, pair: string, call: CallLimits): Promise<Reference[]> {
  const all = await everyRow(send, configurations, region, {}, ['ScalingConfigurations'], call, (row, reply) => ({
    id: idIn(configurations, reply, row, 'ScalingConfigurationId'),
    names: row.KeyPairName === pair,
    ...present({ name: text(row.ScalingConfigurationName) }),
  }));
  return all.flatMap(({ names, ...named }) =>
    names ? [{ kind: 'scaling-configuration', region, ...named, by: 'name' } as const] : [],
  );
}

/** @param path leads to the list in an answer */
async function everyRow<Row extends { readonly id: string } | { readonly number: number }>(
  send: Send,
  operation: Operation,
  region: string,
  wanted: Parameters,
  path: readonly string[],
  call: CallLimits,
  read: (row: Fields, reply: Reply) => Row,
): Promise<readonly Row[]> {
  const { rows } = await readAllPages(
    async ({ number: PageNumber }) => {
      const reply = await send(operation, region, { ...wanted, PageNumber, PageSize: PAGE_SIZE }, call);
      const list = path.reduce<unknown>((value, name) => asObject(value)?.[name], reply.fields);
      if (!Array.isArray(list)) throw unreadable(operation, `without ${path[0]}`, reply.requestId);
      return { rows: list.map((row) => read(asObject(row) ?? {}, reply)), total: count(reply.fields.TotalCount) };
    },
    (row) => ('id' in row ? row.id : row.number),
  );
  return rows;
}
