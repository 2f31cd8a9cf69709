// AWS's request signer as it is deployed, without what is left out (deploy/left-out), signs as its source does.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundled } from '../../deploy/bundle.ts';
import * as source from '../../lib/aws/signing.ts';
import { Secret } from '../../lib/secret.ts';
import { testClock } from '../doubles/test-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyvend-signing-'));
const { file } = await bundled('lib/aws/signing.ts', join(folder, 'signing.js'));
const shipped: typeof source = createRequire(import.meta.url)(file);
afterAll(() => rmSync(folder, { recursive: true }));

const bodies = ['', '{}', '{"name":"Bär 🔑"}', 'x'.repeat(70_000), '\u0000\ufeff\r\n'];
const options = [
  { region: 'us-east-1' },
  { region: 'cn-north-1', sessionToken: 'a/b+c==' },
  { region: 'eu-central-1', endpoint: 'http://127.0.0.1:4566' },
];

it.each(options)(
  'the deployed signer signs for $region as its source does, byte for byte',
  async ({ sessionToken, ...where }) => {
    const clock = testClock();
    const credentials = async () => ({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
      ...(sessionToken === undefined ? {} : { sessionToken: new Secret(sessionToken) }),
    });
    for (const [name, json] of [['dynamodb', '1.0'] as const, ['secretsmanager', '1.1'] as const]) {
      const [ours, theirs] = [shipped, source].map(({ signer }) =>
        signer({ name, target: 'Target_20120810', json }, { ...where, clock, credentials }),
      );
      for (const body of bodies) {
        const signed = await ours!('GetItem', Buffer.from(body), clock.wallMs());
        expect(signed).toEqual(await theirs!('GetItem', Buffer.from(body), clock.wallMs()));
        expect(signed.headers.authorization).toMatch(/Signature=[0-9a-f]{64}$/);
      }
    }
  },
);
