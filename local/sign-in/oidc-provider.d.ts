// What is used of it: the package has no types of its own.
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Context {
    type: string;
    body: string;
    set(name: string, value: string): void;
    readonly oidc: {
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId: string };
      readonly provider: Provider;
    };
  }
  interface Grant {
    addOIDCScope(scope: string): void;
    addResourceScope(resource: string, scope: string): void;
    save(): Promise<string>;
  }
  export default class Provider {
    constructor(issuer: string, configuration: object);
    readonly Grant: new (of: {
      clientId: string;
      accountId: string;
    }) => Grant;
    callback(): RequestListener;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ readonly uid: string }>;
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
  }
  interface Policy {
    get(prompt: string): { readonly checks: { remove(check: string): void } };
  }
  export const interactionPolicy: { base(): Policy };
}
declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  /** @param toleranceS how much longer than it says something is kept */
  export function createMemoryAdapter(toleranceS: number): unknown;
}
