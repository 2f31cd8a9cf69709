// What the bundles have of the adapters, as a module of its own: a function's bundle shows its handlers alone.
export { providers } from '../../lib/providers/index.ts';
export { Secret } from '../../lib/secret.ts';
export { createTransport } from '../../lib/transport/transport.ts';
