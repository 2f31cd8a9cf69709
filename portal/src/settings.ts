// What a deployment says of itself: config.json beside the page, made by the server or put there by whoever deploys to a bucket.
export interface Settings {
  /** Where the API is: an address, or one that is meant from this page. */
  readonly api: string;
  /** The issuer's name, which is also where what it publishes is found. */
  readonly issuer: string;
  readonly clientId: string;
  /** Default `openid`. */
  readonly scope?: string;
  /** RFC 8707, for issuers that ask for it. */
  readonly resource?: string;
}

const strings = ['api', 'issuer', 'clientId'] as const;

/** @throws {Error} where it is missing or incomplete */
export async function readSettings(): Promise<Settings> {
  const answer = await fetch('./config.json', { cache: 'no-cache', credentials: 'omit' });
  const said: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  if (typeof said !== 'object' || said === null) throw new Error('config.json');
  const settings = said as Settings;
  for (const name of strings) if (typeof settings[name] !== 'string') throw new Error(`config.json: ${name}`);
  return { ...settings, api: new URL(settings.api, document.baseURI).href.replace(/\/$/, '') };
}
