// The package for Function Compute: what is in each folder, what it weighs, and that the same sources give the same bytes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../../deploy/bundle.ts';
import { type CodeFolder, codeFolders } from '../../deploy/fc/folders.ts';
import { fcFunctions } from '../../deploy/fc/functions.ts';
import { LAYER_NODE, packageFc } from '../../deploy/fc/package-fc.ts';
import { runtimePackages } from '../../docs/licences.ts';
import { isProvider, providerNames } from '../../lib/provider-table.ts';
import { shellWord } from '../../local/shell-word.ts';

const KB = 1024;
/** Of the bundle. Every function has the ledger's client in it, and the variables of every platform. */
const USUAL_LIMIT = 310 * KB;
const limits: Readonly<Partial<Record<CodeFolder, number>>> = {
  // All that is asked of its key pairs is in one function, and with it the calls about instances, templates and scaling.
  ...{ ens: 400 * KB, ecs: 400 * KB, cvm: 400 * KB },
  /** ssh2, and those calls of three clouds. */
  /** With the contract's document, its words and its examples, which is read by nobody but whoever asks for it. */
  catalog: 400 * KB,
  rotation: 730 * KB,
};

/** Whole SDKs, frameworks, what loads undici, and zod with all its languages. */
const heavy =
  /node_modules\/(@alicloud|@aws-sdk|@smithy|@middy|fastify|avvio|pino|prom-client|light-my-request|lodash|moment|ws|xml2js|undici|yaml|tencentcloud-sdk-nodejs-[a-z]+|zod\/v4\/(classic|locales))\//;
const otherPlaces =
  /^lib\/(aws|sqlite|ledger\/(dynamodb|sqlite)|inbox\/sqlite|secrets\/(embedded|secrets-manager)|platforms\/(aws|local))\/(?!configuration|environment|partitions|signing|sqs|place)/;

const listed = new Set(runtimePackages().map((one) => one.name));
const folder = mkdtempSync(join(tmpdir(), 'keyvend-fc-gates-'));
afterAll(() => rmSync(folder, { recursive: true }));
const madeFor = { platform: 'fc', ledger: 'postgres', store: 'kv' };
const bundles = await Promise.all(
  codeFolders.map(async (name) => ({
    name,
    ...(await bundled(`functions/fc/${name}.ts`, join(folder, `${name}.js`), madeFor)),
  })),
);

describe.each(bundles)('the code of $name', ({ name, bytes, metafile }) => {
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output!.inputs).flatMap(([input, { bytesInOutput }]) =>
    bytesInOutput > 32 ? input : [],
  ); // of a module of which nothing is used, the packager may leave the name

  it('is no larger than its limit', () => {
    expect(bytes).toBeLessThanOrEqual(limits[name] ?? USUAL_LIMIT);
  });

  it('has nothing in it that a cold start would pay for and a call would not use', () => {
    expect(inputs.length).toBeGreaterThan(50);
    expect(inputs.filter((input) => heavy.test(input))).toEqual([]);
    expect(inputs.filter((input) => otherPlaces.test(input))).toEqual([]);
    const ssh = inputs.filter((input) => input.includes('node_modules/ssh2/'));
    if (name === 'rotation') expect(ssh).not.toEqual([]);
    else expect(ssh).toEqual([]);
  });

  if (isProvider(name))
    it('serves its own cloud and no other', () => {
      const served = providerNames.filter((one) => inputs.some((input) => input.startsWith(`lib/providers/${one}/`)));
      expect(served).toEqual([name]);
    });

  it('has packages of others that are listed with their licences, and no more', () => {
    const shipped = inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
    expect([...new Set(shipped)].filter((one) => !listed.has(one))).toEqual([]);
  });

  it('has no import(), which compiled code could not carry out', () => {
    expect(output!.imports.filter(({ kind }) => kind === 'dynamic-import')).toEqual([]);
  });

  it('needs nothing beside it but Node, and of that neither SQLite nor undici', () => {
    const needed = output!.imports.filter(({ external }) => external).map(({ path }) => path);
    const missed = ['pg-native', './crypto/build/Release/sshcrypto.node']; // asked for inside a try, and done without
    expect(needed.filter((path) => !isBuiltin(path) && !missed.includes(path))).toEqual([]);
    for (const path of ['node:sqlite', 'node:http', 'undici']) expect(needed).not.toContain(path);
  });
});

describe('the package', { timeout: 120_000 }, () => {
  const digests = (out: string) =>
    codeFolders.flatMap((name) =>
      readdirSync(join(out, name)).map((file) => {
        const path = join(out, name, file);
        const { mode, mtimeMs } = statSync(path);
        return [name, file, mode, mtimeMs, createHash('sha256').update(readFileSync(path)).digest('hex')].join(' ');
      }),
    );
  const compiledBy = shellWord(process.execPath);
  const [one, two] = [join(folder, 'one'), join(folder, 'elsewhere/two')];
  beforeAll(async () => {
    await packageFc({ stage: 'none', store: 'kv', out: one, compiledBy });
    await packageFc({ stage: 'none', store: 'kv', out: two, compiledBy });
  }, 120_000);

  it('is the same bytes, modes and dates each time, wherever it is put', () => {
    expect(digests(two)).toEqual(digests(one));
  });

  it('has a program in each folder that can be started, and code for each function', () => {
    for (const name of codeFolders) expect(statSync(join(one, name, 'bootstrap')).mode & 0o777, name).toBe(0o755);
    for (const { folder } of Object.values(fcFunctions)) expect(codeFolders).toContain(folder);
  });

  it('starts without switches that show what a process sends, whatever is set around it', () => {
    const env = {
      ...{ PATH: join(process.execPath, '..'), NODE_OPTIONS: '--inspect', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      ...{ KEYVEND_PLATFORM: 'fc', KEYVEND_LEDGER: 'postgres', KEYVEND_STORE: 'kv' },
    };
    const { stdout, stderr, status } = spawnSync(join(one, 'catalog/bootstrap'), { env, encoding: 'utf8' });
    const said = /TypeError: (.*)/.exec(stderr)?.[1];
    expect(said).toMatch(/^missing or wrong in the environment: KEYVEND_DEPLOYMENT/); // it got as far as that, without a debugger
    expect(status).toBe(1);
    expect(stdout).toBe(''); // nor is V8's code of it refused
  });

  it("has the stage's access document in it, or says that there is none", async () => {
    const told: string[] = [];
    const warn = (sentence: string) => void told.push(sentence);
    const options = { store: 'kv', out: join(folder, 'access'), only: ['sender'], warn } as const;
    await packageFc({ ...options, stage: 'example' });
    expect(readdirSync(join(options.out, 'sender'))).toContain('access.json');
    expect(told.filter((sentence) => sentence.includes('no access'))).toEqual([]);
    await packageFc({ ...options, stage: 'none' });
    expect(readdirSync(join(options.out, 'sender'))).not.toContain('access.json');
    expect(told.at(-1)).toMatch(/^there is no access\/none\.yaml/);
  });

  it('has no code in it that the Node of the layer would refuse', async () => {
    const plain = join(folder, 'plain');
    await packageFc({ stage: 'none', store: 'kv', out: plain, only: ['sender'] });
    const isCompiled = readdirSync(join(plain, 'sender')).includes('index.compiled');
    expect(isCompiled).toBe(process.versions.node === LAYER_NODE && process.arch === 'x64');
    expect(readdirSync(join(one, 'sender'))).toContain('index.compiled');
  });

  it.each(['embedded', 'secrets-manager', 'attic'])(
    'is not made for the store %s, and says for which',
    async (store) => {
      await expect(packageFc({ stage: 'none', store, out: one })).rejects.toThrow('kv or kms');
    },
  );
});
