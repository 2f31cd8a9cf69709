// Requests that are filed in an inbox and vended later by its worker: POST /v1/requests, and what has become of one.
import type { Principal } from '../access/principal.ts';
import { fileManyBody } from '../contract/bulk.ts';
import { below, type FiledView, type Sent, sentIn } from '../contract/filed-request.ts';
import { identityAndRequest, keyPairRequest } from '../contract/key-pair-request.ts';
import { locationOf } from '../contract/location.ts';
import { objectIn, parsedValue, queryFields } from '../contract/parse.ts';
import { InvalidRequest } from '../contract/problem-of.ts';
import { type InboxOperation, inboxRoutes, type Matched, matched } from '../contract/routes.ts';
import { codeOf, VendingError } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import type { FiledMessage, Inbox } from '../inbox/inbox.ts';
import { isProvider, type ProviderName, providerNames } from '../provider-table.ts';
import { sha256 } from '../sha256.ts';
import { requestHash } from '../vending/request-hash.ts';
import { about } from './about.ts';
import { authorise } from './authorise.ts';
import { assertJson } from './body.ts';
import type { ApiAnswer, ApiCall, Endpoint } from './http.ts';
import { idempotencyKey, keyReused, rememberedFor } from './idempotency-key.ts';
import { messageAnswers } from './messages-endpoint.ts';
import { answeredMany } from './outcomes.ts';
import type { Records } from './runtime.ts';
import { withinStore } from './within-store.ts';

/** The queue of a provider's requests: a cloud that is down or busy does not hold up the others. */
export const requestQueue = (provider: ProviderName): string => `keyvend-${provider}`;

/** Of many that are filed together. */
const AT_ONCE = 8;
/** In bytes; each of many may be as long as one that is vended at once. */
const LONGEST_BODY = 64 * 1024;

type Answer = (call: ApiCall, parameters: Matched<InboxOperation>['parameters']) => Promise<ApiAnswer>;

export function requests(runtime: Records, inbox: () => Promise<Inbox>): Endpoint {
  const answers: Readonly<Record<InboxOperation, Answer>> = {
    async fileRequest(call) {
      const { request: http } = call;
      queryFields(http.query, []);
      assertJson(http);
      const whole = sentIn(http.headers, http.body);
      if (Object.hasOwn(whole.fields, 'requests')) return filedMany(call, whole);
      const { fields, at, event } = whole;
      const order = below(at, () => withinStore(runtime.settings, orderIn(fields)));
      const sent = { body: JSON.stringify(fields), means: meaningOf(order), event };
      return about(order.identity, filed(call, order, sent));
    },

    async readRequest({ request, caller }, { id = '' }) {
      queryFields(request.query, []);
      const message = await found(id);
      if (message === undefined) throw nothingThere();
      const identity = identityOf(message.body);
      if (message.sender !== caller.id) mayRead(caller, identity);
      return { status: 200, body: view(message, identity) };
    },

    ...messageAnswers(runtime, { inbox, requestQueue, identityOf }),
  };

  /** Each as if it had been sent by itself; those of one event have its id and their place in it. No key stands for many. */
  async function filedMany(call: ApiCall, { fields, at, event }: Sent): Promise<ApiAnswer> {
    const { requests: items } = below(at, () => parsedValue(fileManyBody(), fields));
    const one = ([i, item]: readonly [number, Readonly<Record<string, unknown>>], its: ApiCall) => {
      const order = withinStore(runtime.settings, orderIn(item));
      const sent = {
        ...{ body: JSON.stringify(item), means: meaningOf(order) },
        event: event && { ...event, id: `${event.id} ${i}` },
      };
      return about(order.identity, filed(its, order, sent));
    };
    const many = { at: `${at}/requests`, shownAs: 'request', atOnce: AT_ONCE, leastMs: 1_000 };
    return answeredMany(call, [...items.entries()], one, many, runtime);
  }

  /** Nothing that can never succeed is filed, as far as that is known. */
  async function filed(
    call: ApiCall,
    { identity, request }: Order,
    { body, means, event }: { readonly body: string; readonly means: string; readonly event: object | undefined },
  ): Promise<ApiAnswer> {
    const { caller } = call;
    authorise(runtime, caller, 'vend', identity, request.secretKey);
    const given = idempotencyKey(call);
    const key = given ?? (event && `event ${caller.id} ${JSON.stringify(event)}`);
    const reused = () => (given === undefined ? eventReused() : keyReused());
    const queue = requestQueue(identity.provider);
    const id = key === undefined ? runtime.newId() : sha256(`keyvend request 1 ${queue} ${key}`).toString('base64url');
    const answer = (state: FiledMessage['state']): ApiAnswer => ({
      ...{ status: 202, body: { id, state } },
      headers: { location: `/v1/requests/${id}` },
    });
    const { file, read } = await inbox();
    // First: an id is known for longer than a key is remembered.
    const standing = key === undefined ? undefined : await read(queue, id);
    if (standing !== undefined) {
      if (meaningOf(orderIn(objectIn(standing.body))) !== means) throw reused();
      return answer(standing.state);
    }
    if (key !== undefined && (await rememberedFor(runtime, key, means)) !== means) throw reused();
    const group = sha256(identityKey(identity)).toString('base64url');
    const isNew = await file(queue, { id, body, sender: caller, group });
    runtime.log.info('request filed', { ...identity, id, isNew });
    return answer('waiting');
  }

  async function found(id: string): Promise<(FiledMessage & { readonly body: string }) | undefined> {
    if (!/^[\w-]{1,128}$/.test(id)) return undefined;
    const { read } = await inbox();
    const all = await Promise.all(providerNames.map((provider) => read(requestQueue(provider), id)));
    return all.find((message) => message !== undefined);
  }

  /** Whoever may not learns no more than that there is nothing for them. */
  function mayRead(caller: Principal, identity: Identity | undefined): void {
    if (identity === undefined) throw nothingThere();
    try {
      authorise(runtime, caller, 'read', identity);
    } catch (error) {
      throw codeOf(error) === 'FORBIDDEN' ? nothingThere() : error;
    }
  }

  return {
    longestBody: LONGEST_BODY,
    async answer(call) {
      const route = matched(inboxRoutes, call.request);
      if (route === undefined) throw new VendingError('ROUTE_UNKNOWN', 'There is no such route');
      return answers[route.operation](call, route.parameters);
    },
  };
}

type Order = ReturnType<typeof identityAndRequest>;

/** As for POST /v1/{provider}/key-pairs: a key that was used there for the same is used for the same here. */
const meaningOf = ({ identity, request }: Order): string => `${identityKey(identity)} ${requestHash(request)}`;

/** @throws {InvalidRequest} as a worker would, later */
function orderIn(fields: Readonly<Record<string, unknown>>): Order {
  const { provider } = fields;
  if (!isProvider(provider))
    throw new InvalidRequest([{ pointer: '#/provider', detail: 'is not one of the allowed values' }]);
  return identityAndRequest(parsedValue(keyPairRequest(provider), fields));
}

/** Of a message that somebody else filed, there may be none. */
function identityOf(body: string): Identity | undefined {
  try {
    return orderIn(objectIn(body)).identity;
  } catch {
    return undefined;
  }
}

const view = ({ id, state, filedAtMs, refusal }: FiledMessage, identity: Identity | undefined): FiledView => ({
  ...{ id, state, filedAt: new Date(filedAtMs).toISOString() },
  ...(identity && { keyPair: locationOf(identity) }),
  ...(refusal && {
    refusal: { code: refusal.code, detail: refusal.reason, ...(refusal.fields && { errors: [...refusal.fields] }) },
  }),
});

const eventReused = () => new VendingError('KEY_REUSED', "This event's source and id were used for another request");
const nothingThere = () => new VendingError('REQUEST_ABSENT', 'There is no such request of yours');
