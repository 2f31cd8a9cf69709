// What a bundle may weigh and hold. None of this depends on time: it is what keeps a cold start short.
import { mkdtempSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle } from '../../deploy/bundle.ts';
import { isProvider, providerNames } from '../../lib/provider-table.ts';
import { described } from '../../local/stack/routes.ts';

const KB = 1024;
const USUAL_LIMIT = 226 * KB;
const limits: Readonly<Record<string, number>> = {
  cvm: 226 * KB,
  /** With the contract's document, which is read by nobody but whoever asks for it. */
  catalog: 254 * KB,
  /** It asks three clouds about instances, and has the variables of every platform, ledger and store, as all functions have. */
  fleet: 244 * KB,
  /** Nobody waits for its cold starts, and ssh2, which is most of it, is run when it first logs in on a host. */
  rotation: 620 * KB, // and with it the calls about instances, templates and scaling of three clouds
};

/** Whole SDKs, what they bring along, what loads undici, and zod with all its languages. */
const heavy =
  /node_modules\/(@alicloud|@darabonba|lodash|moment|ws|xml2js|tr46|whatwg-url|mime-db|form-data|undici|aws4fetch|@aws-sdk\/client-[a-z-]+|@aws-sdk\/credential-providers?|tencentcloud-sdk-nodejs-cvm|cpu-features|bignumber\.js|zod\/v4\/(classic|locales))\//;

/** For the one function that logs in on hosts: it comes with a server, SFTP and ciphers of its own. */
const ssh = /node_modules\/(ssh2|asn1|bcrypt-pbkdf|tweetnacl|safer-buffer)\//;

const { routes, polls } = described(new URL('../../serverless.yml', import.meta.url));
const names = [
  ...new Set([...routes, ...polls].map(({ handler }) => handler.replace(/^functions\/(\w+)\.\w+$/, '$1'))),
];
const folder = mkdtempSync(join(tmpdir(), 'keyvend-gates-'));
const bundles = await Promise.all(names.map(async (name) => ({ name, ...(await bundle(name, folder)) })));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(bundles)('the bundle of $name', ({ name, bytes, metafile }) => {
  const [output] = Object.values(metafile.outputs);

  it('is no larger than its limit', () => {
    expect(bytes).toBeLessThanOrEqual(limits[name] ?? USUAL_LIMIT);
  });

  it('has nothing in it that a cold start would pay for and a request would not use', () => {
    // Of a module of which nothing is used, the packager may leave the name.
    const inputs = Object.entries(output!.inputs).flatMap(([input, { bytesInOutput }]) =>
      bytesInOutput > 32 ? input : [],
    );
    expect(inputs.length).toBeGreaterThan(50);
    expect(inputs.filter((input) => heavy.test(input))).toEqual([]);
    if (name === 'rotation') expect(inputs.filter((input) => ssh.test(input))).not.toEqual([]);
    else expect(inputs.filter((input) => ssh.test(input) || input.startsWith('lib/hosts/ssh'))).toEqual([]);
  });

  if (isProvider(name))
    it('serves its own cloud and no other', () => {
      const inputs = Object.keys(output!.inputs);
      const served = providerNames.filter((one) => inputs.some((input) => input.startsWith(`lib/providers/${one}/`)));
      expect(served).toEqual([name]);
    });

  it('needs nothing beside it but Node, and of that neither SQLite nor undici by way of node:http', () => {
    const needed = output!.imports.filter(({ external }) => external).map(({ path }) => path);
    // Asked for inside a try, and done without: a native part would be that of the machine that packages.
    const missed = name === 'rotation' ? ['./crypto/build/Release/sshcrypto.node'] : [];
    expect(needed.filter((path) => !isBuiltin(path))).toEqual(missed);
    for (const path of ['node:sqlite', 'node:http', 'undici']) expect(needed).not.toContain(path);
    if (name !== 'rotation') expect(needed).not.toContain('http'); // ssh2's agents are loaded with it
  });
});
