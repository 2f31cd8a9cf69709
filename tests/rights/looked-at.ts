// Every call that the functions make, held against the rights that they have.
import type { Packaged } from '../deploy/packaged.ts';
import { authorisationsOf } from './authorisations.ts';
import { type Deployed, type DeployedFunction, deployed } from './deployed.ts';
import { decided } from './simulated.ts';
import { startStage } from './stage.ts';
import { play } from './story.ts';

export interface Right {
  readonly sid: string;
  readonly action: string;
}

export interface Looked {
  readonly deployed: Deployed;
  /** How many calls there were, and how many different things they need to be allowed. */
  readonly calls: number;
  readonly different: number;
  /** What a function called and may not. */
  readonly denied: readonly { readonly by: string; readonly action: string; readonly resource: string }[];
  /** By function: the rights that a call has used, and the calls. */
  readonly used: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
}

export const nameOf = ({ sid, action }: Right): string => `${sid} ${action}`;

export const rightsOf = ({ policies }: DeployedFunction): Right[] =>
  policies
    .flatMap(({ policy }) => policy.Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Sid, Action }) => Action.map((action: string) => ({ sid: Sid, action })));

export async function lookedAt(packaged: Packaged): Promise<Looked> {
  const all = deployed(packaged);
  const stage = await startStage(all);
  try {
    await play(stage);
  } finally {
    await stage.stop();
  }
  const { calls } = stage.recorder;
  const functions = new Map(all.functions.map((one) => [one.name, one]));
  const used = new Map(all.functions.map(({ name }) => [name, new Map<string, Set<string>>()]));
  const denied: Looked['denied'][number][] = [];
  const decisions = new Map<string, ReturnType<typeof decided>>();
  for (const call of calls)
    for (const asked of authorisationsOf(call, all)) {
      const { by } = call;
      const key = JSON.stringify([by, asked]);
      if (!decisions.has(key)) decisions.set(key, decided(functions.get(by)!, asked, all));
      const decision = await decisions.get(key)!;
      if (!decision.allowed) denied.push({ by, action: asked.action, resource: asked.resource });
      for (const sid of decision.by) {
        const right = nameOf({ sid, action: asked.action });
        const its = used.get(by)!;
        its.set(right, (its.get(right) ?? new Set()).add(call.action));
      }
    }
  return { deployed: all, calls: calls.length, different: decisions.size, denied, used };
}

/** Rights that none of our calls uses, by statement and action, and what needs them. */
export const usedByOthers: Readonly<Record<string, string>> = {
  'OwnLogs logs:CreateLogStream': 'Lambda, for what is printed',
  'OwnLogs logs:PutLogEvents': 'Lambda, for what is printed',
  'OwnQueue sqs:ReceiveMessage': 'Lambda, which takes messages from the queue',
  'OwnQueue sqs:DeleteMessage': 'Lambda, for messages that are done',
  'OwnQueue sqs:GetQueueAttributes': 'Lambda, to see how many there are',
  ...Object.fromEntries(
    ['CreateNetworkInterface', 'DeleteNetworkInterface', 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses']
      .concat('DescribeNetworkInterfaces', 'DescribeSubnets')
      .map((action) => [`AttachToVpc ec2:${action}`, 'Lambda, for functions in a VPC']),
  ),
};
