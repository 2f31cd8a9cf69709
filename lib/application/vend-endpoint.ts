// Vending on one provider: for a request, and for a message.
import type { Principal } from '../access/principal.ts';
import { deadlineIn } from '../clock.ts';
import { vendManyBody } from '../contract/bulk.ts';
import { identityAndRequest, type KeyPairRequest, keyPairRequest } from '../contract/key-pair-request.ts';
import { identityAt, locationOf } from '../contract/location.ts';
import { objectIn, parsedValue, queryFields } from '../contract/parse.ts';
import { InvalidRequest } from '../contract/problem-of.ts';
import { matched, type VendOperation, vendRoutes } from '../contract/routes.ts';
import { VendingError } from '../errors.ts';
import { identityKey } from '../identity.ts';
import { isProvider, type ProviderName } from '../provider-table.ts';
import type { Connect } from '../providers/connect.ts';
import type { Right } from '../rights.ts';
import { requestHash } from '../vending/request-hash.ts';
import type { Actor } from '../vending/trail-entry.ts';
import { type Vended, vend } from '../vending/vend.ts';
import type { VendCommand } from '../vending/vend-command.ts';
import { about } from './about.ts';
import { admissionBy } from './admission.ts';
import { type AdoptingParts, adoption } from './adoption.ts';
import { actorFor, authorise } from './authorise.ts';
import { parsedBody } from './body.ts';
import type { ApiAnswer, ApiCall, Endpoint } from './http.ts';
import { idempotencyKey, keyReused, rememberedFor } from './idempotency-key.ts';
import { inTime } from './in-time.ts';
import type { Act } from './messages.ts';
import { answeredMany } from './outcomes.ts';
import type { Runtime } from './runtime.ts';
import { usageHeaders } from './usage-header.ts';
import { withinStore } from './within-store.ts';

/** How long the messages of one batch may take: their function's own time, less what it needs to report to the queue. */
const MESSAGE_MS = 28_000;
/** In bytes, of one request and of many. */
const [LONGEST_BODY, LONGEST_BATCH] = [16 * 1024, 64 * 1024];
/** How many of a batch are under way at a time: a cloud takes some ten requests a second for an account. */
const AT_ONCE = 5;
/** With less than this left, none is begun: it would be on record as open, and nobody would be told what became of it. */
const LEAST_MS = 5_000;

/** Whoever says it says what the path says; another one is another provider's. @throws {InvalidRequest} as for one that is sent by itself */
function withoutProvider(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!Object.hasOwn(fields, 'provider')) return fields;
  throw new InvalidRequest([{ pointer: '#/provider', detail: 'is not a field of this request' }]);
}

type Order = ReturnType<typeof identityAndRequest>;

export function vending(
  runtime: Runtime,
  provider: ProviderName,
  connect: Connect,
): { readonly endpoint: Endpoint; readonly message: Act } {
  const schema = keyPairRequest(provider);
  const usageHeader = usageHeaders(runtime);
  runtime.prepare?.(provider, connect);

  const routes = vendRoutes(provider);
  type Parameters = Readonly<Record<string, string>>;
  const answers: Readonly<Record<VendOperation, (call: ApiCall, named: Parameters) => Promise<ApiAnswer>>> = {
    async vend(call) {
      if (call.request.body.length > LONGEST_BODY) throw new VendingError('TOO_LARGE', 'The request is too large');
      const order = ordered(parsedBody(schema, call.request, { provider }));
      return about(order.identity, answered(order, call));
    },

    /** What was vended before is answered as it was then. */
    async vendMany(call) {
      const { keyPairs } = parsedBody(vendManyBody(), call.request);
      const one = (fields: Readonly<Record<string, unknown>>, its: ApiCall) => {
        const order = ordered(parsedValue(schema, { ...withoutProvider(fields), provider }));
        return about(order.identity, answered(order, its));
      };
      const many = { at: '/keyPairs', shownAs: 'keyPair', atOnce: AT_ONCE, leastMs: LEAST_MS };
      return answeredMany(call, keyPairs, one, many, runtime);
    },

    async adopt(call, { name = '' }) {
      const identity = identityAt({ provider, name }, call.request.query);
      const permitted: AdoptingParts['permitted'] = ({ caller, request }, order) =>
        permittedTo('adopt', caller, order, 'http', request.id);
      return about(identity, adoption({ runtime, provider, ports, permitted }, identity, call));
    },
  };

  const ports = () => runtime.portsFor(async () => connect);

  /** @throws {InvalidRequest} also for what this deployment's store cannot do */
  const ordered = (fields: KeyPairRequest): Order => withinStore(runtime.settings, identityAndRequest(fields));

  async function answer(call: ApiCall): Promise<ApiAnswer> {
    const { operation, parameters = {} } = matched<VendOperation>(routes, call.request) ?? { operation: 'vend' };
    if (operation !== 'adopt') queryFields(call.request.query, []);
    return answers[operation](call, parameters);
  }

  async function answered({ identity, request }: Order, call: ApiCall): Promise<ApiAnswer> {
    const { request: http, caller, leftMs } = call;
    const permitted = await permittedTo('vend', caller, { identity, request }, 'http', http.id);
    const key = idempotencyKey(call);
    const body = `${identityKey(identity)} ${requestHash(request)}`;
    if (key !== undefined && (await rememberedFor(runtime, key, body)) !== body) throw keyReused();
    const deadline = deadlineIn(runtime.clock, leftMs);
    const usage = usageHeader(identity);
    const { created, ...pair } = await inTime(logged({ ...permitted, identity, request, deadline }), leftMs);
    return {
      status: created ? 201 : 200,
      body: pair,
      headers: { location: locationOf(identity), ...(await usage) },
    };
  }

  /** @throws {VendingError} FORBIDDEN, before anything is read */
  async function permittedTo(
    right: Right,
    who: Principal,
    { identity, request }: Order,
    door: Actor['door'],
    id: string | undefined,
  ): Promise<Pick<VendCommand, 'caller' | 'admit' | 'usualSecretKey'> & { readonly actor: Actor }> {
    const grant = authorise(runtime, who, right, identity, request.secretKey);
    const actor = actorFor(runtime, door, who, grant, id);
    const admit = admissionBy({ ledger: await runtime.ledger(), clock: runtime.clock }, grant, who, identity);
    const usual = grant.secretKey === undefined ? {} : { usualSecretKey: grant.secretKey };
    return { actor, caller: who.id, ...usual, ...(admit && { admit }) };
  }

  async function logged({ actor, ...command }: VendCommand & { readonly actor: Actor }): Promise<Vended> {
    const { clock, log } = runtime;
    const began = clock.monotonicMs();
    const vended = await vend({ ...(await ports()), actor }, command);
    const { keyPairId, created } = vended;
    log.info('vended', { ...command.identity, keyPairId, created, ms: Math.round(clock.monotonicMs() - began) });
    return vended;
  }

  return {
    endpoint: { answer, longestBody: LONGEST_BATCH },
    async message({ id, body, sender }) {
      const fields = objectIn(body);
      if (!isProvider(fields.provider)) {
        throw new InvalidRequest([{ pointer: '#/provider', detail: 'is not one of the allowed values' }]);
      }
      if (fields.provider !== provider)
        throw new VendingError('INVALID_REQUEST', 'The message is for another provider');
      const order = ordered(parsedValue(schema, fields));
      const { identity, request } = order;
      const deadline = deadlineIn(runtime.clock, MESSAGE_MS);
      const work = permittedTo('vend', sender, order, 'queue', id).then((permitted) =>
        logged({ ...permitted, identity, request, deadline }),
      );
      await about(identity, work);
    },
  };
}
