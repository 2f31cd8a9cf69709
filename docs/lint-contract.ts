// Lints the contract as anybody would who generates from it, with and without the routes of an inbox. Part of `npm run check`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApi } from '../lib/contract/openapi/document.ts';

const linter = join(dirname(createRequire(import.meta.url).resolve('@redocly/cli/package.json')), 'bin/cli.js');
const config = fileURLToPath(new URL('../redocly.yaml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'keyvend-contract-'));
try {
  for (const [name, inbox] of [
    ['contract.json', false],
    ['contract-with-inbox.json', true],
  ] as const)
    writeFileSync(join(folder, name), JSON.stringify(openApi({ inbox }), null, 2));
  // It would ask its maker whether there is a later version, and tell what it was used for.
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' };
  const words = ['lint', '--config', config, '--format', 'stylish', 'contract.json', 'contract-with-inbox.json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [linter, ...words], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const found = /(\d+) errors?/.exec(stdout + stderr)?.[1] ?? '0';
  const warned = /(\d+) warnings?/.exec(stdout + stderr)?.[1] ?? '0';
  process.stdout.write(status === 0 && warned === '0' ? 'contract: 0 errors, 0 warnings\n' : stdout + stderr);
  process.exitCode = status === 0 && found === '0' && warned === '0' ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
