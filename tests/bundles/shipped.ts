// What the bundles have of the adapters, as a module of its own: a function's bundle shows its handlers alone.
export { providers } from '../../lib/providers/index.ts';
export { createTransport } from '../../lib/providers/transport.ts';
export { Secret } from '../../lib/secret.ts';
