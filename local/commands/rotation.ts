import { fail } from '../fail.ts';
import { CALL, type Command, type Given, type Goal, goals, PLACE } from './command.ts';
import { remotely } from './remotely.ts';

const isGoal = (word: string): word is Goal => (goals as readonly string[]).includes(word);

const base = { words: '<provider> <name>', group: 'Rotations' } as const;

async function chosen(words: readonly string[], given: Given) {
  const { named } = await import('./named.ts');
  return { identity: named(words, given), id: given.id };
}
const overHttp = () => import('../remote/rotations.ts');
const here = () => import('../print-rotation.ts');

export const rotationShow: Command = {
  ...base,
  name: 'rotation show',
  summary: 'show a rotation: its hosts, what failed and what to do, what comes next',
  options: [...PLACE, 'id', 'json', ...CALL, 'config'],
  examples: ['rotation show ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { identity, id } = await chosen(words, given);
    const { json = false } = given;
    const remote = await remotely(given);
    if (remote !== undefined) await (await overHttp()).showRotation(remote, identity, id, json);
    else await (await here()).printShown({ identity, id }, json);
    return 0;
  },
};

export const rotationWait: Command = {
  ...base,
  name: 'rotation wait',
  summary: 'wait until a rotation is promoted, or further',
  details: `Ends with 0 once it is, with 7 when it was cancelled or has failed for an hour, with 124 when the time is over.`,
  options: [...PLACE, 'id', 'until', 'timeout', ...CALL, 'config'],
  examples: ['rotation wait ecs web:prod --region cn-hangzhou --until promoted --timeout 600'],
  async run(words, given) {
    const { identity, id } = await chosen(words, given);
    const { until = 'promoted', timeout } = given;
    if (!isGoal(until)) return fail(`--until takes ${goals.join(', ')}`, 2);
    if (timeout !== undefined && !/^\d{1,7}$/.test(timeout))
      return fail('--timeout takes a whole number of seconds', 2);
    const timeoutMs = timeout === undefined ? undefined : 1_000 * Number(timeout);
    const remote = await remotely(given);
    if (remote === undefined) return (await here()).printWaited({ identity, id }, until, timeoutMs);
    return (await overHttp()).waitForRotation(remote, identity, { id, until, timeoutMs });
  },
};

export const rotationCancel: Command = {
  ...base,
  name: 'rotation cancel',
  summary: 'take a rotation back before it is promoted',
  options: [...PLACE, 'id', ...CALL, 'config'],
  examples: ['rotation cancel ecs web:prod --region cn-hangzhou'],
  async run(words, given) {
    const { identity, id } = await chosen(words, given);
    const remote = await remotely(given);
    if (remote !== undefined) await (await overHttp()).cancel(remote, identity, id);
    else await (await here()).printCancelled({ identity, id });
    return 0;
  },
};

export const rotationWaive: Command = {
  ...base,
  name: 'rotation waive',
  summary: 'let a rotation go on without hosts, which may be locked out',
  options: [...PLACE, 'host', 'id', ...CALL, 'config'],
  examples: ['rotation waive ecs web:prod --region cn-hangzhou --host root@10.0.0.7:22'],
  async run(words, given) {
    const { identity, id } = await chosen(words, given);
    const { host: hosts = [] } = given;
    if (hosts.length === 0) return fail('--host is needed: user@host:port, as the rotation lists it', 2);
    const remote = await remotely(given);
    if (remote !== undefined) await (await overHttp()).waive(remote, identity, id, hosts);
    else await (await here()).printWaived({ identity, id }, hosts);
    return 0;
  },
};
