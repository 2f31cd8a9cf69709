// The first commands of docs/command-line.md, as they were run just now: the package installed, a server that trusts an issuer, a person who
// signs in, and a machine that was launched with the pair. Prints what they printed, and draws it.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { readersStore } from '../lib/platforms/readers-store.ts';
import { parsePrivateKey } from '../lib/ssh/private-key.ts';
import { cutTo } from '../local/plain.ts';
import { serverEnvironment } from '../local/server-configuration.ts';
import { startSshd } from '../local/sshd.ts';
import { loginIssuer } from '../tests/doubles/login-issuer.ts';
import { place } from '../tests/stack/serving.ts';
import { terminalPicture } from './terminal.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const COLUMNS = 110;

export async function firstCommands(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'keyvend-first-'));
  const issuer = await loginIssuer('keyvend', { groups: ['keyvend-operators'] });
  const here = await place();
  const server = await here.start({ KEYVEND_ISSUER: issuer.url, KEYVEND_JWKS_URI: issuer.keys });
  const sshd = await startSshd();
  try {
    execFileSync(process.execPath, ['deploy/pack.ts', '--out', folder], { cwd: ROOT, stdio: 'pipe' });
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    const host = `Host web-1\n  HostName ${sshd.host}\n  Port ${sshd.port}\n  User ${sshd.user}\n  LogLevel ERROR\n`;
    const trusting = `  StrictHostKeyChecking no\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n`;
    writeFileSync(join(folder, 'ssh_config'), host + trusting);
    const terminal = terminalIn(folder, here.environment.KEYVEND_CONFIG!);
    const lines = [
      ...(await terminal(`npm i -g ${tarball}`)),
      ...(await terminal(`keyvend login --url ${server.url} --issuer ${issuer.url}`)),
      ...(await terminal('keyvend vend ens edge')),
    ];
    await sshd.permit([await publicKeyOf(here.environment.KEYVEND_CONFIG!)]); // as launching it with the pair does
    lines.push(...(await terminal('keyvend list')));
    lines.push(...(await terminal('keyvend ssh edge -- -F ssh_config web-1 uname -s')));
    mkdirSync(join(ROOT, 'docs/terminal'), { recursive: true });
    const picture = terminalPicture('A key pair is vended, listed and used to log in', lines);
    writeFileSync(join(ROOT, 'docs/terminal/first-commands.svg'), picture);
    return ['```', ...lines.map((line) => stripVTControlCharacters(line)), '```'].join('\n');
  } finally {
    await server.end();
    await here.remove();
    await issuer.stop();
    await sshd.remove();
    rmSync(folder, { recursive: true });
  }
}

/** @returns runs a line in a terminal, and gives it with what was printed */
function terminalIn(folder: string, configuration: string) {
  const browser = join(folder, 'browser');
  const pages = join(ROOT, 'tests/doubles/browser.ts');
  writeFileSync(browser, `#!/bin/sh\nexec '${process.execPath}' '${pages}' "$1"\n`, { mode: 0o755 });
  const prefix = join(folder, 'prefix');
  const env = {
    PATH: `${prefix}/bin:${process.env.PATH}`,
    ...{
      HOME: folder,
      NPM_CONFIG_PREFIX: prefix,
      npm_config_offline: 'true',
      npm_config_loglevel: 'error',
      npm_config_progress: 'false',
    },
    ...{ TERM: 'xterm-256color', BROWSER: browser, KEYVEND_CONFIG: configuration },
  };
  return async (line: string): Promise<string[]> => {
    const words = ['-qfec', `stty cols ${COLUMNS}; ${line}`, '/dev/null'];
    const { stdout } = await promisify(execFile)('script', words, { cwd: folder, env, timeout: 120_000 });
    const printed = stdout.replaceAll('\r', '').split('\n');
    const shown = printed.filter((one) => stripVTControlCharacters(one).trim() !== '');
    return [`\u001b[1m$ ${line}\u001b[22m`, ...shown.map((one) => cut(one))];
  };
}

/** The page to sign in at has a long address. */
const cut = (line: string): string =>
  stripVTControlCharacters(line).length > COLUMNS ? cutTo(stripVTControlCharacters(line), COLUMNS) : line;

async function publicKeyOf(configuration: string): Promise<string> {
  if (!existsSync(configuration)) throw new Error('there is no server');
  const store = await readersStore(serverEnvironment(configuration, process.env));
  const key = await store.reveal({ provider: 'ens', account: 'default', region: 'global', name: 'edge' });
  await store.close();
  return parsePrivateKey(key!).publicKey;
}
