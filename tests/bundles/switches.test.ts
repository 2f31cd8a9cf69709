// A deployed function that is started with a switch that shows what it sends, in a process of its own: it does not start, or shows
// nothing. `npm start` is started with the same ones in tests/stack/switches.test.ts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../../bench/cold-start/environment.ts';
import { handlers } from '../../bench/cold-start/handlers.ts';
import { type StandIn, startStandIn } from '../../bench/cold-start/stand-in/start.ts';
import { keyvend, type Module } from '../../bench/cold-start/variants.ts';
import { environmentOf, switches } from '../switches.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyvend-switches-'));
const [handler] = handlers(['ecs.http']);
const child = fileURLToPath(new URL('../../bench/cold-start/child.cjs', import.meta.url));
let standIn: StandIn;
let bundle: Module;
let lines: readonly string[];
let runs = 0;
beforeAll(async () => {
  standIn = await startStandIn();
  bundle = await keyvend(handler!, folder);
  writeFileSync(join(folder, 'ca.pem'), standIn.ca);
  const key = await keyOf(standIn);
  lines = key.split('\n').slice(1, -2);
});
afterAll(async () => {
  await standIn.stop();
  rmSync(folder, { recursive: true });
});

/** All pairs of the stand-in have the same one. */
function keyOf({ ports, ca }: StandIn): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      port: ports.ecs,
      path: '/?KeyPairName=known',
      ca,
      method: 'POST',
      headers: { 'x-acs-action': 'CreateKeyPair' },
    };
    const asking = https.request({ host: '127.0.0.1', ...options }, async (answer) => {
      resolve((JSON.parse(await text(answer)) as { PrivateKeyBody: string }).PrivateKeyBody);
    });
    asking.on('error', reject).end();
  });
}

async function vended(more: (own: string) => Record<string, string>) {
  runs += 1;
  const own = join(folder, `run-${runs}`);
  mkdirSync(own);
  const event = JSON.stringify(handler!.event({ name: `switch_${runs}`, token: standIn.token }));
  const running = spawn(process.execPath, [child, bundle.file, bundle.exported, event], {
    cwd: own,
    env: { ...environment(standIn, join(folder, 'ca.pem'), own), ...more(own) },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const printed = Promise.all([running.stdout!, running.stderr!, running.stdio[3] as NodeJS.ReadableStream].map(text));
  const [code] = await once(running, 'close');
  const [out, err, said] = await printed;
  const files = readdirSync(own, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const written = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
  return { code, err: err!, vends: said!.includes('"statusCode":201'), shown: [out, err, ...written].join('\n') };
}

describe('a deployed function', () => {
  it.each(switches.filter(({ refused }) => refused !== undefined))(
    'does not start with $set, and names it',
    async ({ set, refused }) => {
      const { code, err, vends } = await vended((own) => environmentOf([{ set }], own));
      expect(vends).toBe(false);
      expect(code).not.toBe(0); // none where it aborts
      expect(err).toContain(`unset these, they expose keys or switch checks off: ${refused}\n`);
    },
  );

  it.each(switches.filter(({ refused }) => refused === undefined))('shows nothing of a key with $set', async (row) => {
    const { vends, shown, err } = await vended((own) => environmentOf([row], own));
    expect(vends, err).toBe(true);
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => shown.includes(line))).toEqual([]);
  });

  it('trusts no certificate that it was not told to trust', async () => {
    const { vends, shown } = await vended(() => ({ NODE_EXTRA_CA_CERTS: '' }));
    expect(vends).toBe(false);
    expect(shown).toContain('ISSUER_UNREACHABLE');
  });
});
