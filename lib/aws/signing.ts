// The official signer (AWS Signature Version 4) for requests over our own transport. By itself it is a twentieth of the SDK,
// and node:crypto's hashes start sooner than WebCrypto's.
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../clock.ts';
import { Secret } from '../secret.ts';
import { hostOf } from './partitions.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** With temporary credentials. */
  readonly sessionToken?: Secret;
}

/** Credentials as AWS's own programs find them in the environment. */
export const credentialsIn = (environment: {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN?: string | undefined;
}): AwsCredentials => ({
  accessKeyId: environment.AWS_ACCESS_KEY_ID,
  secretAccessKey: new Secret(environment.AWS_SECRET_ACCESS_KEY),
  ...(environment.AWS_SESSION_TOKEN && { sessionToken: new Secret(environment.AWS_SESSION_TOKEN) }),
});

export interface SigningOptions {
  /** Asked before every try: temporary credentials change. */
  readonly credentials: () => Promise<AwsCredentials>;
  readonly region: string;
  /** `https://host[:port]` instead of the region's own. */
  readonly endpoint?: string;
  readonly clock: Clock;
}

/** A service that speaks AWS JSON: `X-Amz-Target: <target>.<action>`. */
export interface AwsService {
  /** In its host name and in what is signed. */
  readonly name: 'dynamodb' | 'secretsmanager' | 'sqs' | 'events' | 'kms';
  readonly target: string;
  readonly json: '1.0' | '1.1';
}

export interface Signed {
  readonly origin: string;
  readonly headers: Record<string, string>;
}

/** Where a service of a region is. */
export const originOf = (
  { name }: AwsService,
  { region, endpoint }: Pick<SigningOptions, 'region' | 'endpoint'>,
): string => endpoint ?? `https://${hostOf(name, region)}`;

/** Signed before the connection is up, because the signer is asynchronous: a late write meets its condition or its token. */
export function signer(service: AwsService, options: SigningOptions) {
  const { credentials, region } = options;
  const origin = originOf(service, options);
  const { protocol, host, hostname } = new URL(origin);

  return async (action: string, body: Buffer, nowMs: number): Promise<Signed> => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const signature = new SignatureV4({
      service: service.name,
      region,
      sha256: Sha256,
      credentials: {
        accessKeyId,
        secretAccessKey: secretAccessKey.reveal(),
        ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
      },
    });
    const headers = {
      host,
      'content-type': `application/x-amz-json-${service.json}`,
      'accept-encoding': 'identity',
      'x-amz-target': `${service.target}.${action}`,
    };
    const request = { method: 'POST', protocol, hostname, path: '/', query: {}, headers, body };
    return { origin, headers: (await signature.sign(request, { signingDate: new Date(nowMs) })).headers };
  };
}

/** The signer brings no hash of its own. */
class Sha256 {
  readonly #hash;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as string | Uint8Array);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new TypeError('a hash is used once');
  }
}
