// `keyvend queue`: what waits in an inbox, is in hand or was buried, and how a buried message gets back.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '../lib/clock.ts';
import type { FiledMessage, Inbox } from '../lib/inbox/inbox.ts';
import { inboxFile } from '../lib/inbox/sqlite/open.ts';
import { messageStates } from '../lib/message-states.ts';
import { inboxFrom, inboxLedgerIn } from '../lib/platforms/inbox.ts';
import { fail } from './fail.ts';
import { moment } from './moments.ts';
import { plain } from './plain.ts';
import { configurationFile, isServer } from './run-here.ts';
import { serverEnvironment } from './server-configuration.ts';

/** Reading makes no file. */
async function opened(): Promise<Inbox> {
  const environment = isServer() ? serverEnvironment(configurationFile(), process.env) : process.env;
  const file = inboxFile(resolve(environment.KEYVEND_HOME ?? '.keyvend'));
  if (inboxLedgerIn(environment) === 'sqlite' && !existsSync(file))
    throw new TypeError('there is no inbox here; set KEYVEND_HOME to its folder, or KEYVEND_LEDGER');
  return inboxFrom(environment, systemClock);
}

async function withInbox<T>(act: (inbox: Inbox) => Promise<T>): Promise<T> {
  const inbox = await opened();
  return act(inbox).finally(() => inbox.close());
}

const print = (...lines: readonly string[]) => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));

const word = (text: string): string => (/^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(plain(text)));

function line({ queue, id, state, tries, visibleAtMs, sender, refusal }: FiledMessage, nowMs: number): string {
  const due = visibleAtMs > nowMs ? `, due ${moment(visibleAtMs, nowMs)}` : `, due since ${moment(visibleAtMs, nowMs)}`;
  const more = { waiting: due, 'in-hand': `, again ${moment(visibleAtMs, nowMs)}`, done: '', buried: '' }[state];
  const why = refusal === undefined ? '' : `: ${refusal.code}`;
  return `${queue} ${word(id)} ${state}${why}, ${tries} ${tries === 1 ? 'try' : 'tries'}${more}, from ${word(sender)}`;
}

interface Which {
  readonly queue: string | undefined;
  readonly state: string | undefined;
}

/** All pages. What is done is left out, unless it is asked for. */
export async function printQueue({ queue, state }: Which, json: boolean): Promise<void> {
  const isState = (text: string): text is FiledMessage['state'] => (messageStates as readonly string[]).includes(text);
  if (state !== undefined && !isState(state)) return fail(`--state takes ${messageStates.join(', ')}`, 2);
  const asked = { limit: 100, ...(queue !== undefined && { queue }), ...(state !== undefined && { state }) };
  await withInbox(async (inbox) => {
    let none = true;
    for (let from: { readonly cursor?: string } | undefined = {}; from !== undefined; ) {
      const { messages, cursor }: Awaited<ReturnType<Inbox['list']>> = await inbox.list({ ...asked, ...from });
      const wanted = messages.filter((one) => state !== undefined || one.state !== 'done');
      print(...wanted.map((one) => (json ? JSON.stringify(one) : line(one, systemClock.wallMs()))));
      none &&= wanted.length === 0;
      from = cursor === undefined ? undefined : { cursor };
    }
    if (none && !json) print('there are no such messages');
  });
}

/** With its body, which holds no secret. @returns whether it is there */
export async function printMessage(queue: string, id: string, json: boolean): Promise<boolean> {
  const message = await withInbox((inbox) => inbox.read(queue, id));
  if (message === undefined) return there('is no such message in that queue');
  if (json) print(JSON.stringify(message));
  else {
    const { refusal, filedAtMs, body } = message;
    const nowMs = systemClock.wallMs();
    const reasons = refusal === undefined ? [] : [refusal.reason];
    const fields = (refusal?.fields ?? []).map(({ pointer, detail }) => `  ${pointer} ${detail}`);
    print(
      line(message, nowMs),
      `filed ${moment(filedAtMs, nowMs)}`,
      ...[...reasons, ...fields].map(plain),
      plain(body),
    );
  }
  return true;
}

/** @returns whether there was one */
export async function putBack(queue: string, id: string): Promise<boolean> {
  if (!(await withInbox((inbox) => inbox.putBack(queue, id)))) return there('is no such buried message in that queue');
  print('it waits again, as if it were filed now');
  return true;
}

function there(what: string): false {
  process.stderr.write(`keyvend: there ${what}\n`);
  return false;
}
