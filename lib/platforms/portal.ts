// The portal's page as a server gives it out: the files that were built, and config.json made from the configuration. Nothing here says
// anything of key pairs; the page asks the API, as whoever signed in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface PortalSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** What the page asks the issuer for. Default `openid`. */
  readonly scope?: string;
  readonly resource?: string;
  /** Where the API is, from the page. Default `..`: the page is served under `/portal/`. */
  readonly api?: string;
}

export interface PortalFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** @param path of a request, without its query @returns undefined for what is no part of the portal */
export type Portal = (path: string) => PortalFile | undefined;

export const PORTAL_PATH = '/portal/';

/** Beside the package's command, or where it was built from the sources. @returns undefined where it is in neither place, or not whole */
export const portalFolder = (): string | undefined =>
  [join(import.meta.dirname, '../portal'), join(import.meta.dirname, '../../portal/dist')].find((folder) =>
    ['index.html', 'assets'].every((part) => existsSync(join(folder, part))),
  );

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/**
 * @param folder read once, now
 * @throws {Error} where it cannot be read, or an address is none
 */
export function portal(folder: string, settings: PortalSettings): Portal {
  const shared = securityHeaders(settings);
  const file = (name: string, body: Buffer, cached = 'no-cache'): PortalFile => ({
    status: 200,
    headers: { ...shared, 'content-type': types[extname(name)] ?? 'application/octet-stream', 'cache-control': cached },
    body,
  });
  const { issuer, clientId, scope, resource, api = '..' } = settings;
  const said = { api, issuer, clientId, ...(scope && { scope }), ...(resource && { resource }) };
  const files = new Map<string, PortalFile>([['config.json', file('.json', Buffer.from(JSON.stringify(said)))]]);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).replaceAll('\\', '/');
    // Its name changes with its content.
    const cached = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    if (!files.has(name)) files.set(name, file(name, readFileSync(path), cached));
  }
  const redirect: PortalFile = { status: 308, headers: { ...shared, location: 'portal/' }, body: Buffer.alloc(0) };
  const absent: PortalFile = { status: 404, headers: shared, body: Buffer.alloc(0) };
  return (path) => {
    if (path === PORTAL_PATH.slice(0, -1)) return redirect;
    if (!path.startsWith(PORTAL_PATH)) return undefined;
    return files.get(path.slice(PORTAL_PATH.length) || 'index.html') ?? absent;
  };
}

/** Nothing but what was built runs, and it talks to the issuer and the API alone. docs/portal.md has the same for other hosts. */
function securityHeaders({ issuer, api = '..' }: PortalSettings): Readonly<Record<string, string>> {
  const others = [issuer, ...(/^https?:/.test(api) ? [api] : [])].map((url) => new URL(url).origin);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${["'self'", ...new Set(others)].join(' ')}`,
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
