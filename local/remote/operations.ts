// What else a deployment tells: who one is there, what one may do, how much room there is, and which messages wait.

import type { Messages, Quota } from '../../client/index.ts';
import type { Identity } from '../../lib/identity.ts';
import type { Given } from '../commands/command.ts';
import { counted } from '../counted.ts';
import type { ExitCode } from '../exit-codes.ts';
import { distance, moment } from '../moments.ts';
import { plain } from '../plain.ts';
import { called, targetOf } from '../session/target.ts';
import { printTable, stateCell } from '../table.ts';
import { type Deployment, deployment, print, printJson, refOf } from './deployment.ts';

const listed = (value: string | readonly string[]): string =>
  typeof value === 'string' ? value : plain(value.join(', '));

/** Also which deployment is meant, and by which rule. */
export async function whoami(given: Given): Promise<void> {
  const { url, by, tokenFrom } = called(given);
  const straight = targetOf(given);
  const ledger = straight.kind === 'here' ? straight.by : undefined;
  const me = await deployment(given).me();
  if (given.json) return printJson({ deployment: { url, by, tokenFrom, ...(ledger && { ledgerBy: ledger }) }, ...me });
  print(`${url}, by ${by}; token from ${tokenFrom}`);
  if (ledger) print(`show, rotate, rotation and queue work straight on the ledger here, by ${ledger}`);
  print(`you are ${plain(me.id)}`);
  const rows = (me.grants ?? []).map(({ id, may, on }) => [
    ...[id, listed(may), listed(on.provider), listed(on.account), listed(on.region), listed(on.name)],
  ]);
  if (me.grants === undefined) print('every valid token may do everything here: there is no access document');
  else
    printTable(['GRANT', 'MAY', 'PROVIDER', 'ACCOUNT', 'REGION', 'NAME'], rows, 'no grant is yours: ask an operator');
}

/** @returns whether it is allowed, as an exit code */
export async function explain(to: Deployment, right: string, identity: Identity, json: boolean): Promise<ExitCode> {
  const answer = await to.access({ right, ...refOf(identity) } as Parameters<Deployment['access']>[0]);
  const code = answer.allowed ? 0 : 1;
  if (json) printJson(answer);
  else if (answer.allowed) print(`allowed${answer.grant === undefined ? '' : ` by the grant ${answer.grant}`}`);
  else {
    print('denied: no grant of yours permits this');
    for (const { id, fits } of answer.nearest ?? []) {
      const words = Object.entries(fits).map(([word, yes]) => `${word} ${yes ? 'yes' : 'NO'}`);
      print(`  nearest  ${id}: ${words.join(', ')}`);
    }
  }
  return code;
}

export async function quota(to: Deployment, query: Pick<Given, 'provider' | 'region'>, json: boolean): Promise<void> {
  const rows = [];
  for (let from: { cursor?: string } | undefined = {}; from !== undefined; ) {
    const { places, cursor }: Quota = await to.quota({ ...query, ...from } as Parameters<Deployment['quota']>[0]);
    if (json) printJson(...places);
    for (const { provider, account, region, used, limit } of places) {
      const isFull = used !== undefined && limit !== undefined && used >= limit;
      const most = { text: limit === undefined ? 'not known' : String(limit), ...(isFull && { tone: 'red' as const }) };
      rows.push([provider, account, region, used === undefined ? 'not counted' : String(used), most]);
    }
    from = cursor === undefined ? undefined : { cursor };
  }
  if (!json) printTable(['PROVIDER', 'ACCOUNT', 'REGION', 'USED', 'LIMIT'], rows, 'there are no places');
}

/** All pages. What is done is left out, unless it is asked for. */
export async function listMessages(to: Deployment, { queue, state, json }: Given): Promise<void> {
  const rows = [];
  const asked = { ...(queue !== undefined && { queue }), ...(state !== undefined && { state }) };
  for (let from: { cursor?: string } | undefined = {}; from !== undefined; ) {
    const { messages, cursor }: Messages = await to.messages({ ...asked, ...from } as Parameters<
      Deployment['messages']
    >[0]);
    for (const one of messages.filter((message) => state !== undefined || message.state !== 'done')) {
      if (json) printJson(one);
      const filed = distance(Date.parse(one.filedAt), Date.now());
      rows.push([
        one.queue,
        one.id,
        stateCell(one.state),
        filed,
        String(one.tries),
        one.refusal?.code ?? '',
        one.sender,
      ]);
    }
    from = cursor === undefined ? undefined : { cursor };
  }
  if (json) return;
  printTable(['QUEUE', 'ID', 'STATE', 'FILED', 'TRIES', 'CODE', 'FROM'], rows, 'there are no such messages');
}

export async function showMessage(to: Deployment, queue: string, id: string, json: boolean): Promise<void> {
  const message = await to.message(queue, id);
  if (json) return printJson(message);
  const { state, tries, filedAt, sender, refusal, body } = message;
  const why = refusal === undefined ? [] : [`${refusal.code}: ${refusal.detail}`];
  const fields = (refusal?.errors ?? []).map(({ pointer, detail }) => `  ${pointer} ${detail}`);
  const lines = [
    `${queue} ${id} ${state}, ${counted(tries, 'try', 'tries')}, filed ${moment(Date.parse(filedAt), Date.now())}, from ${sender}`,
    ...[...why, ...fields, body],
  ];
  print(...lines.map(plain));
}

export async function putBack(to: Deployment, queue: string, id: string): Promise<void> {
  await to.putBack(queue, id);
  print('it waits again, as if it were filed now');
}
