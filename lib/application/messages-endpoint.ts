// Messages of the queues that are kept beside the ledger: what waits, what was buried and why, and how a buried one gets back.
import type * as z from 'zod/mini';
import type { Principal } from '../access/principal.ts';
import { parsedQuery } from '../contract/parse.ts';
import type { InvalidField } from '../contract/problem-of.ts';
import { type MessageAnswer, MessageQuery, MessagesQuery, type MessageView } from '../contract/queue-view.ts';
import type { InboxOperation, Matched } from '../contract/routes.ts';
import { VendingError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { FiledMessage, Inbox } from '../inbox/inbox.ts';
import { providerNames } from '../provider-table.ts';
import type { ApiAnswer, ApiCall } from './http.ts';
import type { Records } from './runtime.ts';

export type MessageOperation = Extract<InboxOperation, 'listMessages' | 'readMessage' | 'putBackMessage'>;
type Answer = (call: ApiCall, parameters: Matched<InboxOperation>['parameters']) => Promise<ApiAnswer>;

export interface Queues {
  inbox(): Promise<Inbox>;
  /** The queue of a provider's requests. */
  requestQueue(provider: Identity['provider']): string;
  /** Which key pair a message's body asks for. */
  identityOf(body: string): Identity | undefined;
}

/** So many pages of the inbox are gone through for one of what a caller may see. */
const MOST_PAGES = 20;

export function messageAnswers(
  records: Records,
  { inbox, requestQueue, identityOf }: Queues,
): Readonly<Record<MessageOperation, Answer>> {
  /**
   * A message may be anybody's, and need not be readable as a request: so the right counts where a grant holds for all of a provider,
   * and for queues that are no provider's where it holds for all of them.
   */
  function mayLook(who: Principal): (queue: string) => boolean {
    const places = records.access.placesOf(who, 'queue');
    if (places === undefined) return () => true;
    const whole = places.filter(({ account, region, name }) => [account, region, name].every((word) => word === 'any'));
    const allowed = providerNames.filter((one) =>
      whole.some(({ provider }) => provider === 'any' || provider.includes(one)),
    );
    const queues = new Set(allowed.map(requestQueue));
    return (queue) => allowed.length === providerNames.length || queues.has(queue);
  }

  const forbidden = () => new VendingError('FORBIDDEN', 'No grant of "queue" covers this queue for you');

  async function read({ request, caller }: ApiCall, { id = '' }: Readonly<Record<string, string>>) {
    const { queue } = parsedQuery(MessageQuery, request.query);
    if (!mayLook(caller)(queue)) throw forbidden();
    const named = decoded(id);
    const message = named.length > 0 && named.length <= 128 ? await (await inbox()).read(queue, named) : undefined;
    if (message === undefined) throw new VendingError('MESSAGE_ABSENT', 'There is no such message in this queue');
    return message;
  }

  return {
    async listMessages({ request, caller }) {
      const { queue, state, limit, cursor } = parsedQuery(MessagesQuery, request.query);
      const may = mayLook(caller);
      if (queue === undefined ? !providerNames.map(requestQueue).some(may) : !may(queue)) throw forbidden();
      const { list } = await inbox();
      const asked = { limit, ...(queue !== undefined && { queue }), ...(state !== undefined && { state }) };
      let page = await list({ ...asked, ...(cursor !== undefined && { cursor }) });
      let messages = page.messages.filter((one) => may(one.queue));
      for (let pages = 1; messages.length === 0 && page.cursor !== undefined && pages < MOST_PAGES; pages += 1) {
        page = await list({ ...asked, cursor: page.cursor });
        messages = page.messages.filter((one) => may(one.queue));
      }
      const more = page.cursor === undefined ? {} : { cursor: page.cursor };
      return { status: 200, body: { messages: messages.map(view), ...more } };
    },

    async readMessage(call, parameters) {
      const message = await read(call, parameters);
      const keyPair = identityOf(message.body);
      const body: z.infer<typeof MessageAnswer> = {
        ...view(message),
        body: message.body,
        ...(keyPair && { keyPair: { ...keyPair } }),
      };
      return { status: 200, body };
    },

    async putBackMessage(call, parameters) {
      const { queue, id } = await read(call, parameters);
      const { putBack } = await inbox();
      if (!(await putBack(queue, id))) throw new VendingError('MESSAGE_NOT_BURIED', 'This message is not a buried one');
      records.log.info('message put back', { queue, id, by: call.caller.id });
      return { status: 200, body: view(await read(call, parameters)) };
    },
  };
}

function view(message: FiledMessage): z.infer<typeof MessageView> {
  const { queue, id, state, filedAtMs, tries, visibleAtMs, sender, refusal } = message;
  const errors: readonly InvalidField[] | undefined = refusal?.fields;
  return {
    ...{ queue, id, state, filedAt: new Date(filedAtMs).toISOString(), tries, sender },
    ...((state === 'waiting' || state === 'in-hand') && { nextTryAt: new Date(visibleAtMs).toISOString() }),
    ...(refusal && {
      refusal: {
        code: refusal.code,
        detail: refusal.reason,
        ...(errors && { errors: errors.map((one) => ({ ...one })) }),
      },
    }),
  };
}

/** What cannot be decoded names nothing. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return '';
  }
}
