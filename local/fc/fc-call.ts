// What Function Compute sends to a function: the call, and headers of its own around it. Nobody outside can send such a header.
// Source: "Custom runtime", Function Compute. Whether `x-fc-control-path` comes with version 3.0 is not certain: it can be left out.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The temporary key of a function's role. */
export interface RoleKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken: string;
}

export interface Identity {
  readonly account: string;
  readonly region: string;
}

/** A call as it is asked for, whoever asks. */
export interface FcCall {
  readonly kind: '/invoke' | '/http-invoke' | '/initialize' | '/pre-stop';
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export const eventCall = (body: Buffer): FcCall => ({
  ...{ kind: '/invoke', method: 'POST', path: '/invoke', body },
  headers: { 'content-type': 'application/octet-stream' },
});
export const initializeCall: FcCall = { ...eventCall(Buffer.alloc(0)), kind: '/initialize', path: '/initialize' };
export const preStopCall: FcCall = {
  ...{ kind: '/pre-stop', method: 'GET', path: '/pre-stop', headers: {}, body: Buffer.alloc(0) },
};

const notPassed = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade']);

/** What somebody outside has sent, without what only the platform may say. */
export const passedOn = (headers: IncomingHttpHeaders): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-fc-') && !notPassed.has(name)));

interface Around extends Identity {
  readonly name: string;
  readonly role: RoleKey | undefined;
  /** Whether calls say what kind they are of. */
  readonly controlPath: boolean;
}

export function platformsHeaders({ kind }: FcCall, { name, account, region, role, controlPath }: Around) {
  return {
    'x-fc-request-id': randomUUID(),
    'x-fc-function-name': name,
    'x-fc-function-memory': '512',
    'x-fc-account-id': account,
    'x-fc-region': region,
    'x-fc-qualifier': 'LATEST',
    'x-fc-version-id': 'LATEST',
    ...(controlPath && { 'x-fc-control-path': kind }),
    ...(role && {
      'x-fc-access-key-id': role.accessKeyId,
      'x-fc-access-key-secret': role.accessKeySecret,
      'x-fc-security-token': role.securityToken,
    }),
  };
}
