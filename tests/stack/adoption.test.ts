// Pairs that were there before: two hundred that the official SDKs made, with keys that somebody kept in files, ten of them wrong. All are
// told apart, the right ones are looked after, and none is touched.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ecs from '@alicloud/ecs20140526';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicKeyLine } from '../../lib/ssh/public-key.ts';
import { together } from '../../lib/together.ts';
import { cvmClient, ecsClient, openApiCall } from '../clouds/support/sdks.ts';
import { type Place, place, type Serving } from './serving.ts';

const [regionId, tokyo] = ['cn-hangzhou', 'ap-tokyo'];

interface Kept {
  readonly provider: string;
  readonly name: string;
  readonly pem: string;
}

let here: Place;
let server: Serving;
let kept: readonly Kept[];
let folder: string;
beforeAll(async () => {
  here = await place();
  server = await here.start({ KEYVEND_GRACE_DAYS: '30' });
  folder = join(here.folder, 'by-hand');
  mkdirSync(folder);
  kept = await madeByHand();
}, 120_000);
afterAll(async () => {
  await server.end();
  await here.remove();
});

/** As whoever had no keyvend would: by CreateKeyPair, and by ImportKeyPair of keys of one's own. */
async function madeByHand(): Promise<readonly Kept[]> {
  const { clouds } = here;
  clouds.admin.setLimits({ 'cvm.requestsPerSecond': 1_000 }); // by hand it took longer
  const ecs = ecsClient(clouds, clouds.credentials.alibaba);
  const ens = openApiCall(clouds, clouds.credentials.alibaba);
  const cvm = cvmClient(clouds, clouds.credentials.tencent);
  const all: Kept[] = [];
  const own = () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), line: publicKeyLine(publicKey) };
  };
  const make: Readonly<Record<string, (name: string) => Promise<string>>> = {
    'ecs created': async (keyPairName) => {
      const { body } = await ecs.createKeyPair(new Ecs.CreateKeyPairRequest({ regionId, keyPairName }));
      return body!.privateKeyBody!;
    },
    'ecs imported': async (keyPairName) => {
      const { pem, line } = own();
      await ecs.importKeyPair(new Ecs.ImportKeyPairRequest({ regionId, keyPairName, publicKeyBody: line }));
      return pem;
    },
    'ens created': async (KeyPairName) => String((await ens('CreateKeyPair', { KeyPairName })).PrivateKeyBody),
    'ens imported': async (KeyPairName) => {
      const { pem, line } = own();
      await ens('ImportKeyPair', { KeyPairName, PublicKeyBody: line });
      return pem;
    },
    'cvm created': async (KeyName) => (await cvm.CreateKeyPair({ KeyName, ProjectId: 0 })).KeyPair!.PrivateKey!,
    'cvm imported': async (KeyName) => {
      const { pem, line } = own();
      await cvm.ImportKeyPair({ KeyName, ProjectId: 0, PublicKey: line });
      return pem;
    },
  };
  const counts = { 'ecs created': 30, 'ecs imported': 60, 'ens created': 15, 'ens imported': 45, 'cvm created': 10 };
  const wanted = Object.entries({ ...counts, 'cvm imported': 40 }).flatMap(([how, count]) =>
    Array.from({ length: count }, (_, i) => ({ how, name: `${how.replace(' ', '_')}_${i}` })),
  );
  await together(wanted, 8, async ({ how, name }) => {
    all.push({ provider: how.split(' ')[0]!, name, pem: await make[how]!(name) });
  });
  clouds.admin.setLimits({ 'cvm.requestsPerSecond': 10 });
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const regionOf = (provider: string) => ({ ens: '', ecs: regionId, cvm: tokyo })[provider];
const command = async (...words: string[]) => {
  const file = join(here.folder, 'token');
  writeFileSync(file, await here.token(), { mode: 0o600 });
  return here.command({ KEYVEND_URL: server.url }, ...words, '--token-file', file);
};
const listed = (lines: readonly (readonly string[])[]) => {
  const file = join(folder, 'pairs.csv');
  writeFileSync(file, ['provider,name,region,key', ...lines.map((line) => line.join(','))].join('\n'));
  return file;
};
const gone = (name: string) =>
  here.clouds.admin.removeDirectly(here.clouds.admin.pairs().find((pair) => pair.name === name)!.id);
const keyFile = (name: string, text: string) => {
  writeFileSync(join(folder, `${name}.pem`), text, { mode: 0o600 });
  return `${name}.pem`;
};

describe('two hundred pairs that were made by hand, of which ten are not as the list says', {
  timeout: 120_000,
}, () => {
  /** By name: what is done to its line or to the pair, and what the line is told then. */
  const wrong: Readonly<Record<string, { readonly code: string; act?(one: Kept): unknown; key?(one: Kept): string }>> =
    {
      ecs_created_0: { code: 'KEY_NOT_OF_PAIR', key: () => keyFile('ecs_created_0', kept.at(-1)!.pem) },
      ens_created_0: { code: 'KEY_NOT_OF_PAIR', key: () => keyFile('ens_created_0', kept[5]!.pem) },
      cvm_created_0: { code: 'KEY_NOT_OF_PAIR', key: () => keyFile('cvm_created_0', kept[6]!.pem) },
      ecs_created_1: {
        code: 'INVALID_REQUEST', // under a passphrase
        key({ name, pem }) {
          const file = keyFile(name, pem);
          execFileSync('ssh-keygen', ['-p', '-q', '-N', 'secret', '-f', join(folder, file)]);
          return file;
        },
      },
      ecs_imported_0: { code: 'INVALID_REQUEST', key: ({ name, pem }) => keyFile(name, pem.slice(0, 300)) },
      ecs_imported_1: { code: 'KEY_FILE', key: () => 'nowhere.pem' },
      ens_imported_0: { code: 'INVALID_REQUEST', key: () => '' }, // and not said to be without
      ecs_created_2: {
        code: 'KEY_PAIR_ABSENT',
        act: ({ name }) => gone(name),
      },
      cvm_imported_0: {
        code: 'KEY_PAIR_ABSENT',
        act: ({ name }) => gone(name),
      },
      ecs_created_3: {
        code: 'KEY_PAIR_RETIRED',
        async act({ name, pem }) {
          const at = `/v1/ecs/key-pairs/${name}`;
          expect((await server.ask('POST', `${at}/adoption?region=${regionId}`, { privateKey: pem })).status).toBe(201);
          expect((await server.ask('DELETE', `${at}?region=${regionId}`)).status).toBe(202);
        },
      },
    };

  it('are told apart; the rest is adopted with its keys, and once more changes nothing', async () => {
    expect(kept).toHaveLength(200);
    for (const one of kept) await wrong[one.name]?.act?.(one);
    const before = here.clouds.admin.pairs().map(({ id, name }) => `${id} ${name}`);
    const list = listed(
      kept.map((one) => {
        const key = wrong[one.name]?.key?.(one) ?? keyFile(one.name, one.pem);
        return [one.provider, one.name, regionOf(one.provider)!, key];
      }),
    );

    const looked = await command('adopt-from', list, '--dry-run');
    expect(looked.printed.trimEnd().split('\n').at(-1)).toBe('190 of 200 would be adopted, 10 refused');
    expect((await server.ask('GET', '/v1/key-pairs?state=active&limit=1')).body.keyPairs).toEqual([]);

    const { status, printed } = await command('adopt-from', list, '--json');
    expect(status).toBe(1);
    const outcomes = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(outcomes.map(({ name }) => name)).toEqual(kept.map(({ name }) => name));
    for (const { name, answer, refused } of outcomes) {
      expect([name, refused?.code]).toEqual([name, wrong[name]?.code]);
      if (wrong[name] === undefined) expect(answer).toMatchObject({ adopted: true, stored: true, dryRun: false });
    }
    // What the store has is what was kept, as ssh-keygen reads it.
    for (const { provider, name, pem } of [kept[4]!, kept[100]!, kept[199]!]) {
      const words = [provider, name, ...(provider === 'ens' ? [] : ['--region', regionOf(provider)!])];
      const stored = await here.run({}, 'key', ...words);
      const lineOf = (text: string) =>
        execFileSync('ssh-keygen', ['-y', '-f', join(folder, keyFile('seen', text))], { encoding: 'utf8' }).split(
          ' ',
        )[1];
      expect(lineOf(stored)).toBe(lineOf(pem));
    }
    expect(here.clouds.admin.pairs().map(({ id, name }) => `${id} ${name}`)).toEqual(before);

    const again = await command('adopt-from', list);
    expect(again.printed.trimEnd().split('\n').at(-1)).toBe('190 of 200 adopted, 10 refused');
    expect(again.printed.match(/ {2}was adopted already, with its key$/gm)).toHaveLength(190);

    const told = [server.printed(), printed, looked.printed, again.printed].join('\n');
    for (const { pem } of kept) expect(told).not.toContain(pem.split('\n')[2]);
  });
});

describe('one pair', { timeout: 60_000 }, () => {
  const made = () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    return { pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(), publicKey: publicKeyLine(publicKey) };
  };
  const places = { ens: '', ecs: `?region=${regionId}`, cvm: `?region=${tokyo}` } as const;
  const strangers = async (service: keyof typeof places, name: string, publicKey: string) =>
    here.clouds.admin.addStranger({
      service,
      name,
      publicKey,
      ...(service !== 'ens' && { region: regionOf(service)! }),
      ...(service === 'cvm' && { projectId: 1_001 }),
    });

  it.each(['ens', 'ecs', 'cvm'] as const)(
    'on %s is adopted, read and retired like one that was vended',
    async (service) => {
      const { pem, publicKey } = made();
      const name = `whole_${service}`;
      await strangers(service, name, publicKey);
      const at = `/v1/${service}/key-pairs/${name}`;
      const adopted = await server.ask('POST', `${at}/adoption${places[service]}`, { privateKey: pem });
      expect(adopted).toMatchObject({ status: 201, body: { stored: true, publicKey } });
      expect('keyPairId' in adopted.body).toBe(service !== 'ecs');
      const { body: history } = await server.ask('GET', `${at}/history${places[service]}`);
      expect(history.entries).toMatchObject([{ did: 'adopted' }, { did: 'attempt-opened' }]);
      const { body } = await server.ask('GET', `${at}${places[service]}`);
      expect(body).toMatchObject({ state: 'active', versions: [{ keySource: 'adopted', keyBits: 2_048, publicKey }] });
      const again = await server.ask('POST', `/v1/${service}/key-pairs`, {
        name,
        ...(service !== 'ens' && { region: regionOf(service) }),
        ...(service === 'cvm' && { projectId: 0 }),
      });
      expect(again.body.code).toBe('DIFFERENT_REQUEST');
      expect((await server.ask('DELETE', `${at}${places[service]}`)).status).toBe(202);
    },
  );

  it('is for those who have the right to it, by whom nothing is learned before', async () => {
    const { pem, publicKey } = made();
    await strangers('ecs', 'others', publicKey);
    const token = await here.token({ groups: ['nobody'] }, 'visitor');
    for (const name of ['others', 'nothing'])
      expect(
        await server.ask(
          'POST',
          `/v1/ecs/key-pairs/${name}/adoption?region=${regionId}`,
          { privateKey: pem },
          { authorization: `Bearer ${token}` },
        ),
      ).toMatchObject({ status: 403, body: { code: 'FORBIDDEN', detail: expect.stringContaining('"adopt"') } });
  });

  it.each(['ens', 'ecs', 'cvm'] as const)(
    'of %s whose private key nobody has is adopted without it, and its rotation brings one that is stored',
    async (service) => {
      const { publicKey } = made();
      const name = `keyless_${service}`;
      await strangers(service, name, publicKey);
      const file = join(folder, `${name}.pub`);
      writeFileSync(file, `${publicKey} me@here\n`);
      const place = [service, name, ...(service === 'ens' ? [] : ['--region', regionOf(service)!])];
      const { printed } = await command('adopt', ...place, '--keyless', '--public-key-file', file);
      expect(printed).toMatch(/^adopted: (?:\S+ )?[0-9a-f:]{47}\nits private key is not stored;/);
      expect((await command('rotate', ...place)).status).toBe(0);
      expect(await command('rotation', 'wait', ...place, '--timeout', '50')).toMatchObject({ status: 0 });
      const { body } = await server.ask('GET', `/v1/${service}/key-pairs/${name}${places[service]}`);
      expect(body.versions).toMatchObject([{ keySource: 'adopted' }, { keySource: 'create', current: true }]);
      expect(await here.run({}, 'key', ...place)).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
      const pairs = here.clouds.admin.pairs().filter((pair) => pair.name.startsWith(name));
      expect(pairs.map(({ projectId = 0 }) => projectId)).toEqual(service === 'cvm' ? [1_001, 1_001] : [0, 0]);
    },
  );

  it.each([
    ['neither', [], 'give --key, or --keyless'],
    ['both', ['--key', 'web.pem', '--keyless'], 'give --key, or --keyless'],
    ['two keys', ['--key', 'web.pem', '--public-key-file', 'web.pub'], '--key has the public key, too'],
  ])('is not adopted without its key by a slip: %s', async (_, words, says) => {
    const { status, printed } = await command('adopt', 'ecs', 'slip', '--region', regionId, ...words);
    expect([status, printed]).toEqual([2, expect.stringContaining(says)]);
    await strangers('ecs', `slip${words.length}`, made().publicKey);
    const at = `/v1/ecs/key-pairs/slip${words.length}/adoption?region=${regionId}`;
    for (const body of [{}, { publicKey: made().publicKey }, { keyless: false }, { keyless: true, privateKey: 'x' }])
      expect(await server.ask('POST', at, body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  });

  it('of a state of Terraform is found with the key that the state keeps', async () => {
    const [made1, made2, made3] = [made(), made(), made()];
    await strangers('ecs', 'tf-web', made1.publicKey);
    await strangers('cvm', 'tf_web', made2.publicKey);
    await strangers('ens', 'tf-edge', made3.publicKey);
    const file = join(folder, 'terraform.tfstate');
    keyFile('tf-edge', made3.pem);
    const resource = (type: string, attributes: object) => ({ mode: 'managed', type, instances: [{ attributes }] });
    const resources = [
      resource('tls_private_key', { public_key_openssh: `${made1.publicKey}\n`, private_key_pem: made1.pem }),
      resource('alicloud_ecs_key_pair', {
        key_pair_name: 'tf-web',
        public_key: `${made1.publicKey} x`,
        key_file: null,
      }),
      resource('alicloud_ens_key_pair', { key_pair_name: 'tf-edge', version: '2017-11-10' }),
      resource('tencentcloud_key_pair', { key_name: 'tf_web', public_key: made2.publicKey, private_key: made2.pem }),
      resource('alicloud_instance', { id: 'i-1' }),
    ];
    writeFileSync(file, JSON.stringify({ version: 4, terraform_version: '1.9.0', resources }));
    const { status, printed } = await command('adopt-from', file, '--region', regionId);
    expect(status).toBe(1);
    expect(printed.split('\n')).toEqual([
      'ecs tf-web  adopted, with its key',
      expect.stringMatching(/^ens tf-edge {2}refused: INVALID_REQUEST .*"keyless"/),
      expect.stringMatching(/^cvm tf_web {2}refused: /),
      '1 of 3 adopted, 2 refused',
      '',
    ]);
    const keyless = await command('adopt-from', file, '--region', regionId, '--keyless');
    expect(keyless.printed).toMatch(/^ens tf-edge {2}refused: PAIR_UNPROVEN /m);
    const tencent = await command('adopt-from', file, '--region', tokyo);
    expect(tencent.printed).toContain('cvm tf_web  adopted, with its key\n');
  });

  it.each([
    ['a list that is none', 'not,a,list\n1,2,3', 'the list has the columns'],
    ['a state of another version', '{"version": 3, "modules": []}', 'not one of version 4'],
    ['nothing that can be read', '"', 'neither CSV nor'],
  ])('is not looked for in %s', async (_, text, says) => {
    const file = join(folder, 'wrong');
    writeFileSync(file, text);
    const { status, printed } = await command('adopt-from', file);
    expect([status, printed]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe('the example for Terraform', () => {
  it('sends what the API takes, and reads what it answers', async () => {
    const text = readFileSync(new URL('../../examples/terraform/main.tf', import.meta.url), 'utf8');
    const filled = (field: string) =>
      new RegExp(`^ +${field} += "(.*)"$`, 'm')
        .exec(text)![1]!
        .replace('{id}', 'tf:one')
        .replace(/\$\{var\.region\}/, regionId);
    const sent = /data = jsonencode\(\{\n([^}]*)\n {2}\}\)/.exec(text)![1]!.matchAll(/^ +(\w+) /gm);
    expect([...sent].map(([, field]) => field)).toEqual(['name', 'region', 'tags']);
    const data = { name: 'tf:one', region: regionId, tags: { team: 'web' } };
    for (const status of [201, 200]) expect((await server.ask('POST', filled('path'), data)).status).toBe(status);
    const read = await server.ask('GET', filled('read_path'));
    expect(read).toMatchObject({ status: 200, body: data });
    expect(JSON.stringify(read.body)).not.toContain('PRIVATE KEY');
    expect((await server.ask('DELETE', filled('destroy_path'))).status).toBe(202);
  });
});
