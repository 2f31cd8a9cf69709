// The admin endpoint: JSON over HTTP under /admin, where no product has a route. Only for this machine's own programs: web pages
// are kept out by local/guard.ts.
import { type Delivery, json } from '../http/delivery.ts';
import type { Received } from '../http/received.ts';
import type { ServiceName } from '../state/registry.ts';
import type { Admin } from './admin.ts';
import type { EventRule } from './event-admin.ts';
import type { NewInstance, NewLauncher } from './fleet-requests.ts';

type Json = Record<string, unknown>;
/** @param id the path's last part, where the route has one */
type Route = (admin: Admin, body: Json, id: string, query: URLSearchParams) => unknown;

const found = (value: unknown): unknown => (value ? value : missing);
const missing = Symbol('404');

const routes: Readonly<Record<string, Route>> = {
  'GET /admin': (admin) => ({
    ...admin.now(),
    pairs: admin.pairs().length,
    keys: admin.readyKeys(),
    rssBytes: process.memoryUsage.rss(),
    routes: paths,
  }),
  'GET /admin/behaviour': (admin) => admin.behaviour(),
  'PATCH /admin/behaviour': (admin, body) => admin.setBehaviour(body),
  'GET /admin/limits': (admin) => admin.limits(),
  'PATCH /admin/limits': (admin, body) => admin.setLimits(body),
  'GET /admin/faults': (admin) => admin.faults(),
  'POST /admin/faults': (admin, body) => admin.addFault(body as unknown as Parameters<Admin['addFault']>[0]),
  'DELETE /admin/faults': (admin) => admin.clearFaults(),
  'DELETE /admin/faults/:id': (admin, _body, id) => found(admin.removeFault(id)),
  'GET /admin/pairs': (admin, _body, _id, query) => admin.pairs((query.get('service') ?? undefined) as ServiceName),
  'POST /admin/pairs': (admin, body) => admin.addStranger(body as unknown as Parameters<Admin['addStranger']>[0]),
  'DELETE /admin/pairs/:id': async (admin, _body, id) => found(await admin.removeDirectly(id)),
  'PATCH /admin/pairs/:id': async (admin, body, id) => {
    const held = 'imageIds' in body && (await admin.holdInImages(id, idsIn(body, 'imageIds')));
    return found('instanceIds' in body || !held ? await admin.attach(id, idsIn(body, 'instanceIds')) : held);
  },
  'GET /admin/instances': (admin) => admin.fleet.instances(),
  'POST /admin/instances': (admin, body) => admin.fleet.addInstance(body as unknown as NewInstance),
  'PATCH /admin/instances/:id': async (admin, body, id) => found(await admin.fleet.changeInstance(id, body)),
  'DELETE /admin/instances/:id': async (admin, _body, id) => found(await admin.fleet.release(id)),
  'GET /admin/launch-templates': (admin) => admin.fleet.templates(),
  'POST /admin/launch-templates': (admin, body) => admin.fleet.addTemplate(body as unknown as NewLauncher),
  'GET /admin/launch-configurations': (admin) => admin.fleet.configurations(),
  'POST /admin/launch-configurations': (admin, body) => admin.fleet.addConfiguration(body as unknown as NewLauncher),
  'POST /admin/buses': (admin, { name }) => admin.events.addBus(textIn('name', name)),
  'GET /admin/events': (admin, _body, _id, query) => admin.events.list(query.get('bus') ?? undefined),
  'POST /admin/event-rules': (admin, body) => admin.events.addRule(body as unknown as EventRule),
  'POST /admin/event-deliveries': (admin) => admin.events.deliver(),
  'GET /admin/event-dead-letters': (admin) => admin.events.deadLetters(),
  'GET /admin/queues': (admin) => admin.queues.names(),
  'POST /admin/queues': (admin, { name }) => admin.queues.add(textIn('name', name)),
  'GET /admin/clock': (admin) => admin.now(),
  'PATCH /admin/clock': (admin, body) => {
    if (typeof body.offsetMs === 'number') admin.setClockOffset(body.offsetMs);
    if (typeof body.advanceMs === 'number') admin.advanceClock(body.advanceMs);
    return admin.now();
  },
  'GET /admin/requests': (admin) => admin.requests(),
  'POST /admin/reset': (admin) => admin.reset(),
};
const paths = Object.keys(routes);

/** @param target a path, perhaps with a query */
export const isAdmin = (target: string): boolean => /^\/admin(?:[/?]|$)/.test(target);

export async function administer(admin: Admin, request: Received): Promise<Delivery> {
  const { body, method, path, query } = request;
  const id = /^\/admin\/(?:faults|pairs|instances)\/([^/]+)$/.exec(path)?.[1];
  const route = routes[`${method} ${id === undefined ? path : path.replace(/[^/]+$/, ':id')}`];
  if (!route) return json(404, { error: 'no such route', routes: paths });
  try {
    const value = body.length > 0 ? JSON.parse(body.toString('utf8')) : {};
    if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new TypeError('send a JSON object');
    const answer = await route(admin, value, decodeURIComponent(id ?? ''), new URLSearchParams(query));
    return answer === missing ? json(404, { error: 'no such id' }) : json(200, answer === undefined ? {} : answer);
  } catch (error) {
    if (error instanceof SyntaxError) return json(400, { error: 'the body is not JSON' });
    if (error instanceof TypeError) return json(400, { error: error.message });
    throw error;
  }
}

function textIn(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${name} must be a name`);
  return value;
}

function idsIn(body: Json, name: 'instanceIds' | 'imageIds'): readonly string[] {
  const ids = body[name];
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw new TypeError(`${name} must be a list of strings; an empty list releases the pair`);
  }
  return ids;
}
