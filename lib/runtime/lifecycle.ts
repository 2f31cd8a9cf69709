// What may be asked of a key pair once it is there: rotations, its policy, and to be taken out of use. Each is one write; the
// worker does the rest.

import { below, locationOf, oneOf } from '../contract/location.ts';
import { metadataView } from '../contract/metadata.ts';
import { PolicyBody } from '../contract/policy-body.ts';
import { NoBody, WaiverBody } from '../contract/rotation-answer.ts';
import { policyView, rotationView } from '../contract/rotation-view.ts';
import { VendingError } from '../errors.ts';
import { type Identity, identityKey } from '../identity.ts';
import type { Answer, Asked, HttpOptions } from '../middleware/http.ts';
import type { HttpRequest } from '../middleware/http-request.ts';
import { inTime } from '../middleware/in-time.ts';
import { parsedBody } from '../middleware/json.ts';
import type { KeyPairRecord } from '../vending/record.ts';
import { restore, retire } from '../vending/retire.ts';
import { keyPairAbsent, rotationOf } from '../vending/rotation/change-record.ts';
import { DAY_MS, type PolicyChange } from '../vending/rotation/policy.ts';
import { cancelRotation, requestRotation, setPolicy, waiveHost } from '../vending/rotation/rotation-commands.ts';
import type { Rotation } from '../vending/rotation/rotation-record.ts';
import { commandPorts, wake } from './asking.ts';
import { idempotencyKey, keyReused, rememberedFor } from './idempotency.ts';
import { logFailure } from './logger.ts';
import { httpOptions } from './options.ts';
import { rotationSettings } from './rotation-settings.ts';

/** What is asked, of which key pair, and of which of its rotations. */
interface Order {
  readonly asked: Asked;
  readonly identity: Identity;
  readonly id: string;
}
/** As many hosts as a record holds, with a pinned fingerprint each, are some 20 KiB. */
export const lifecycleOptions: HttpOptions = { ...httpOptions, longestBody: 32 * 1024 };

const { defaults } = rotationSettings;

/** By method and what the path says below the key pair. */
const orders: Readonly<Record<string, (order: Order) => Promise<Answer>>> = {
  async DELETE({ identity, asked }) {
    return { status: 202, body: metadataView(await retire(await commandPorts(), identity, asked.caller.id)) };
  },

  async 'POST restoration'({ identity, asked }) {
    noFields(asked.http);
    return { status: 200, body: metadataView(await restore(await commandPorts(), identity)) };
  },

  async 'GET policy'({ identity }) {
    return { status: 200, body: policyView(await recordOf(identity), defaults) };
  },

  async 'PUT policy'({ identity, asked }) {
    const policy = parsedBody(PolicyBody, asked.http, {}) as PolicyChange; // JSON has no undefined
    return { status: 200, body: policyView(await setPolicy(await commandPorts(), identity, policy), defaults) };
  },

  async 'POST rotations'(order) {
    noFields(order.asked.http);
    const { id } = await begun(order);
    return awake(order.identity, await shown(order.identity, id), 202);
  },

  async 'GET rotations/{id}'({ identity, id }) {
    return { status: 200, body: await shown(identity, id) };
  },

  async 'DELETE rotations/{id}'({ identity, id }) {
    await cancelRotation(await commandPorts(), identity, id);
    return awake(identity, await shown(identity, id), 202);
  },

  async 'POST rotations/{id}/waivers'({ identity, id, asked }) {
    const { host } = parsedBody(WaiverBody, asked.http, {});
    await waiveHost(await commandPorts(), identity, id, host);
    return awake(identity, await shown(identity, id), 200);
  },
};

export async function change(asked: Asked): Promise<Answer> {
  const { http, leftMs } = asked;
  const [what = '', id = '', ...rest] = below(http.path);
  const words = [what, ...(id === '' ? [] : ['{id}']), ...rest].join('/');
  const order = orders[words === '' ? http.method : `${http.method} ${words}`];
  if (order === undefined) throw new VendingError('ROUTE_UNKNOWN', 'There is no such route');
  return inTime(order({ asked, identity: oneOf(http.path, http.query), id }), leftMs);
}

/** An Idempotency-Key stands for one rotation: whoever sends it again gets the same one, also once that is over. */
async function begun({ identity, asked }: Order): Promise<Pick<Rotation, 'id'>> {
  const ports = await commandPorts();
  const key = idempotencyKey(asked);
  const wish = { caller: asked.caller.id };
  if (key === undefined) return requestRotation(ports, identity, wish);
  const of = `rotation of ${identityKey(identity)}`;
  const standing = await rememberedFor(key, `${of} ${ports.newId()} wished`);
  const [id = '', state] = standing.startsWith(`${of} `) ? standing.slice(of.length + 1).split(' ') : [];
  if (state === undefined) throw keyReused();
  if (state === 'begun') return { id };
  const rotation = await requestRotation(ports, identity, { ...wish, id }); // of another id where one was under way
  await ports.ledger.restate(key, `${of} ${rotation.id} begun`, ports.clock.wallMs() + DAY_MS);
  return rotation;
}

async function shown(identity: Identity, id: string): Promise<ReturnType<typeof rotationView>> {
  const record = await recordOf(identity);
  return rotationView(record, rotationOf(record, id), defaults);
}

async function recordOf(identity: Identity): Promise<KeyPairRecord> {
  const filed = await (await commandPorts()).ledger.read(identity);
  if (filed === undefined) throw keyPairAbsent();
  return filed.record;
}

/** Has the worker look at once. When the queue cannot be reached, the schedule finds what is due within a minute or so. */
async function awake(identity: Identity, body: { readonly id: string }, status: number): Promise<Answer> {
  await wake(identity).catch(logFailure);
  return { status, body, headers: { location: locationOf(identity, `/rotations/${body.id}`) } };
}

function noFields(http: HttpRequest): void {
  if (http.body.trim() !== '') parsedBody(NoBody, http, {});
}
