// What the bundles have of the adapters, as a module of its own: a function's bundle exports its handlers alone.
export { connectionOf } from '../../lib/providers/connect.ts';
export { createTransport } from '../../lib/transport/transport.ts';
