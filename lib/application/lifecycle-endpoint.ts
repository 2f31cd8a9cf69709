// What may be asked of a key pair once it is there: rotations, its policy, and taking it out of use. Each is one write; the
// worker does the rest.

import { policiesBody } from '../contract/bulk.ts';
import { type IdentityWords, identityFrom } from '../contract/fields.ts';
import { identityAt, locationOf } from '../contract/location.ts';
import { metadataView } from '../contract/metadata.ts';
import { queryFields } from '../contract/parse.ts';
import { PolicyBody } from '../contract/policy-body.ts';
import { InvalidRequest, invalidParameters, movedBelow } from '../contract/problem-of.ts';
import { NoBody, ReleaseBody, WaiverBody } from '../contract/rotation-answer.ts';
import { lateHostsView, policyView, rotationView } from '../contract/rotation-view.ts';
import { type LifecycleOperation, lifecycleRoutes, matched } from '../contract/routes.ts';
import { VendingError } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import { type Bounds, outOfBounds } from '../policy-bounds.ts';
import type { Right } from '../rights.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import { restore, retire } from '../vending/retire.ts';
import { keyPairAbsent, rotationOf } from '../vending/rotation/change-record.ts';
import type { PolicyChange } from '../vending/rotation/policy.ts';
import { requestRelease } from '../vending/rotation/release.ts';
import { cancelRotation, requestRotation, setPolicy, waiveHost } from '../vending/rotation/rotation-commands.ts';
import type { Rotation } from '../vending/rotation/rotation-record.ts';
import type { Actor } from '../vending/trail-entry.ts';
import { about } from './about.ts';
import { actorFor, authorise } from './authorise.ts';
import { parsedBody } from './body.ts';
import type { ApiAnswer, ApiCall, Endpoint, HttpRequest } from './http.ts';
import { idempotencyKey, keyReused, rememberedFor, restateFor } from './idempotency-key.ts';
import { inTime } from './in-time.ts';
import { assertUnused, releaseOf } from './instances-in-use.ts';
import { answeredMany } from './outcomes.ts';
import { commandPorts, type ForFleets, type ForRotation, type Records } from './runtime.ts';

/** Which key pair is meant, and which of its rotations, where the path names one. */
interface KeyPairCall extends ApiCall {
  readonly actor: Actor;
  readonly identity: Identity;
  readonly id: string;
  /** What allows it. */
  readonly grant: ReturnType<typeof authorise>;
}

/** What is asked of one key pair, which its path names. */
type OfOne = Exclude<LifecycleOperation, 'putPolicies'>;

const rightFor: Readonly<Record<OfOne, Right>> = {
  retireKeyPair: 'retire',
  restoreKeyPair: 'restore',
  readPolicy: 'read',
  putPolicy: 'policy',
  rotateKeyPair: 'rotate',
  readRotation: 'read',
  cancelRotation: 'cancel',
  releasePair: 'release',
  waiveHost: 'waive',
};

/** As many hosts as a record holds, each behind a jump host, are some 750 KiB where the JSON is indented. */
const LONGEST_BODY = 1024 * 1024;
/** How many of several policies are put at a time. */
const AT_ONCE = 5;

export function lifecycle(records: Records & ForRotation & Partial<ForFleets>): Endpoint {
  const { defaults } = records.rotation;
  const ports = ({ actor }: Pick<KeyPairCall, 'actor'>) => commandPorts(records, actor);

  const operations: Readonly<Record<OfOne, (call: KeyPairCall) => Promise<ApiAnswer>>> = {
    async retireKeyPair({ identity, caller, request, actor }) {
      noFields(request);
      if (!isForced(request.query)) await assertUnused(records, await recordOf(identity));
      return { status: 202, body: metadataView(await retire(await ports({ actor }), identity, caller.id)) };
    },

    async restoreKeyPair({ identity, request, actor }) {
      noFields(request);
      return { status: 200, body: metadataView(await restore(await ports({ actor }), identity)) };
    },

    async readPolicy({ identity }) {
      return { status: 200, body: policyView(await recordOf(identity), defaults) };
    },

    async putPolicy({ identity, request, caller, actor, grant: { floors } }) {
      const policy = parsedBody(PolicyBody, request) as PolicyChange; // JSON has no undefined
      inBounds(policy, { ...defaults.bounds, ...floors });
      allowedHosts(records, policy);
      const { managementKey: name } = policy;
      if (name !== undefined) authorise(records, caller, 'use', { ...identity, name });
      // What is not listed is waited for no more, like a host that is waived, and may be locked out.
      const beforeDropping = () => void authorise(records, caller, 'waive', identity);
      const record = await setPolicy(await ports({ actor }), identity, policy, {
        caller: caller.id,
        beforeDropping,
        ...(floors && { floors }),
      });
      return { status: 200, body: { ...policyView(record, defaults), ...lateHostsView(record, policy.hosts) } };
    },

    async releasePair({ identity, id, request, caller, actor }) {
      const { confirmation } = request.body.trim() === '' ? {} : parsedBody(ReleaseBody, request);
      const { body, instances } = await releaseOf(records, identity, await recordOf(identity), id);
      if (confirmation === undefined) return { status: 200, body };
      if (confirmation !== body.confirmation)
        throw new VendingError('CONFIRMATION_STALE', 'This confirms something else than what would be done now');
      await requestRelease(await ports({ actor }), identity, id, { instances, caller: caller.id });
      return { status: 202, body: { ...body, confirmed: true } }; // the schedule finds it
    },

    async rotateKeyPair(call) {
      noFields(call.request);
      const { id } = await begun(call);
      return woken(call.identity, await viewOf(call.identity, id), 202);
    },

    async readRotation({ identity, id }) {
      return { status: 200, body: await viewOf(identity, id) };
    },

    async cancelRotation({ identity, id, request, actor }) {
      noFields(request);
      await cancelRotation(await ports({ actor }), identity, id);
      return woken(identity, await viewOf(identity, id), 202);
    },

    async waiveHost({ identity, id, request, actor }) {
      const { host, reason } = parsedBody(WaiverBody, request);
      await waiveHost(
        await ports({ actor: { ...actor, ...(reason !== undefined && { reason }) } }),
        identity,
        id,
        host,
      );
      return woken(identity, await viewOf(identity, id), 200);
    },
  };

  /** An Idempotency-Key stands for one rotation: a caller that sends it again gets the same one, even once that is over. */
  async function begun({ identity, ...call }: KeyPairCall): Promise<Pick<Rotation, 'id'>> {
    const key = idempotencyKey(call);
    const command = { caller: call.caller.id };
    if (key === undefined) return requestRotation(await ports(call), identity, command);
    const of = `rotation of ${identityKey(identity)}`;
    const standing = await rememberedFor(records, key, `${of} ${records.newId()} wished`);
    const [id = '', state] = standing.startsWith(`${of} `) ? standing.slice(of.length + 1).split(' ') : [];
    if (state === undefined) throw keyReused();
    if (state === 'begun') return { id };
    const rotation = await requestRotation(await ports(call), identity, { ...command, id }); // another id where one was under way
    await restateFor(records, key, `${of} ${rotation.id} begun`);
    return rotation;
  }

  async function viewOf(identity: Identity, id: string): Promise<ReturnType<typeof rotationView>> {
    const record = await recordOf(identity);
    return rotationView(record, rotationOf(record, id), defaults);
  }

  async function recordOf(identity: Identity): Promise<KeyPairRecord> {
    const filed = await (await records.ledger()).read(identity);
    if (filed === undefined) throw keyPairAbsent();
    return filed.record;
  }

  /** Wakes the worker at once. When the queue cannot be reached, the schedule finds what is due within a minute or so. */
  async function woken(identity: Identity, body: { readonly id: string }, status: number): Promise<ApiAnswer> {
    await records.wake(identity).catch((error) => records.log.failed(error, identity));
    return { status, body, headers: { location: locationOf(identity, `/rotations/${body.id}`) } };
  }

  async function allowed(operation: OfOne, identity: Identity, id: string, call: ApiCall): Promise<ApiAnswer> {
    const grant = authorise(records, call.caller, rightFor[operation], identity);
    const actor = actorFor(records, 'http', call.caller, grant, call.request.id);
    return inTime(operations[operation]({ ...call, actor, identity, grant, id }), call.leftMs);
  }

  /** Each as if it had been put by itself. */
  async function putPolicies(call: ApiCall): Promise<ApiAnswer> {
    queryFields(call.request.query, []);
    const { policies } = parsedBody(policiesBody(), call.request);
    const one = async ({ policy, ...words }: Readonly<Record<string, unknown>>, its: ApiCall) => {
      const identity = identityFrom(namedBy(words));
      const request = { ...its.request, body: JSON.stringify(policy ?? null), query: new URLSearchParams() };
      return about(identity, allowed('putPolicy', identity, '', { ...its, request })).catch((error) => {
        throw movedBelow('/policy', error);
      });
    };
    const many = { at: '/policies', shownAs: 'policy', atOnce: AT_ONCE, leastMs: 0 };
    return answeredMany(call, policies, one, many, records);
  }

  return {
    longestBody: LONGEST_BODY,
    async answer(call) {
      const route = matched(lifecycleRoutes, call.request);
      if (route === undefined) throw new VendingError('ROUTE_UNKNOWN', 'There is no such route');
      if (route.operation === 'putPolicies') return putPolicies(call);
      const also = route.operation === 'retireKeyPair' ? ['force'] : [];
      const identity = identityAt(route.parameters, call.request.query, also);
      return about(identity, allowed(route.operation, identity, route.parameters.id ?? '', call));
    },
  };
}

/** What is not said is as configured, and that is within the bounds. */
function inBounds(policy: PolicyChange, bounds: Bounds): void {
  const fields = outOfBounds(policy, bounds).map(({ field, detail }) => ({ pointer: `#/${field}`, detail }));
  if (fields.length > 0) throw new InvalidRequest(fields, 'POLICY_OUT_OF_BOUNDS', 'The policy goes beyond its bounds');
}

/** What is told by the policy alone; where a name leads is seen when it is connected to. */
function allowedHosts({ hostRules }: ForRotation, { hosts = [], targets = [] }: PolicyChange): void {
  const refused = (host: Parameters<typeof hostRules.refusal>[0], pointer: string) => {
    const { field, detail } = hostRules.refusal(host) ?? {};
    return detail === undefined ? [] : [{ pointer: `${pointer}/${field}`, detail }];
  };
  const fields = hosts.flatMap(({ via, ...host }, i) => [
    ...refused(host, `#/hosts/${i}`),
    ...(via === undefined ? [] : refused(via, `#/hosts/${i}/via`)),
  ]);
  // Where their machines are is seen when those are found, and connected to.
  fields.push(...targets.flatMap(({ via }, i) => (via === undefined ? [] : refused(via, `#/targets/${i}/via`))));
  if (fields.length > 0)
    throw new InvalidRequest(fields, 'HOST_FORBIDDEN', 'The policy lists hosts that are not allowed');
}

/** @throws {InvalidRequest} for anything but `true` and `false` */
function isForced(query: URLSearchParams): boolean {
  const force = query.get('force') ?? 'false';
  if (force === 'true' || force === 'false') return force === 'true';
  throw invalidParameters([{ parameter: 'force', detail: 'is not one of the allowed values' }]);
}

/** The words of an item that name its key pair. @throws {InvalidRequest} for other fields, and for what is no text */
function namedBy(words: Readonly<Record<string, unknown>>): IdentityWords {
  const wrong = Object.entries(words).filter(([name, word]) => !isWord(name) || typeof word !== 'string');
  if (wrong.length === 0) return words as IdentityWords;
  throw new InvalidRequest(
    wrong.map(([name]) => ({
      pointer: isWord(name) ? `#/${name}` : '#',
      detail: isWord(name) ? 'is missing or has the wrong type' : 'has fields that are none of this request',
    })),
  );
}
const isWord = (name: string): boolean => ['provider', 'region', 'account', 'name'].includes(name);

function noFields(request: HttpRequest): void {
  if (request.body.trim() !== '') parsedBody(NoBody, request);
}
