// The options of `npm run clouds`, in one table: it parses them, explains them and turns them into settings.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CloudsOptions } from './clouds.ts';
import { whole } from './settings/setting.ts';

const options = {
  port: { type: 'string', value: 'N', says: 'listen on 127.0.0.1:N; default: any free port' },
  json: { type: 'boolean', says: 'print one line of JSON with the endpoint and the credentials' },
  state: { type: 'string', value: 'FILE', says: 'keep key pairs and credentials in FILE, so that a restart has them' },
  'ca-file': { type: 'string', value: 'FILE', says: 'write the TLS certificate to FILE, for clients to trust' },
  behaviour: { type: 'string', value: 'FILE', says: 'read switches from a JSON file; see docs/local-clouds.md' },
  federation: { type: 'string', value: 'FILE', says: 'trust the issuers of a JSON file; see docs/local-clouds.md' },
  'signature-window-ms': { type: 'string', value: 'N', says: 'how old a signature may be, for both clouds' },
  'cvm-rate': { type: 'string', value: 'N', says: 'CVM requests per second and action; default 10' },
  'ecs-quota': { type: 'string', value: 'N', says: 'ECS key pairs per region; default 500' },
  help: { type: 'boolean', says: 'print this' },
} as const;

export const usage = [
  'Usage: npm run clouds -- [options]',
  '',
  'Alibaba ENS, Alibaba ECS and Tencent CVM key pairs on one local port, HTTP and TLS.',
  '',
  ...Object.entries(options).map(([name, option]) => {
    const shown = 'value' in option ? `--${name} ${option.value}` : `--${name}`;
    return `  ${shown.padEnd(26)}${option.says}`;
  }),
].join('\n');

export interface CommandLine {
  readonly help: boolean;
  readonly json: boolean;
  readonly caFile: string | undefined;
  readonly clouds: CloudsOptions;
}

/** @throws {TypeError} with one sentence about the option that is wrong */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({ args: [...args], options, strict: true });
  const number = (
    name: 'port' | 'signature-window-ms' | 'cvm-rate' | 'ecs-quota',
    least: number,
  ): number | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!whole(least, least).accepts(value)) throw new TypeError(`--${name} must be a whole number from ${least}`);
    return value;
  };
  const port = number('port', 0);
  if (port !== undefined && port > 65_535) throw new TypeError('--port must be at most 65535');
  const windowMs = number('signature-window-ms', 1);
  const rate = number('cvm-rate', 1);
  const quota = number('ecs-quota', 0);
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    caFile: values['ca-file'],
    clouds: {
      ...(port !== undefined && { port }),
      ...(values.state !== undefined && { stateFile: values.state }),
      ...(values.behaviour !== undefined && { behaviour: fromJson('behaviour', values.behaviour) }),
      ...(values.federation !== undefined && { federation: fromJson('federation', values.federation) }),
      limits: {
        ...(windowMs !== undefined && {
          'alibaba.signatureWindowMs': windowMs,
          'tencent.signatureWindowMs': windowMs,
        }),
        ...(rate !== undefined && { 'cvm.requestsPerSecond': rate }),
        ...(quota !== undefined && { 'ecs.keyPairsPerRegion': quota }),
      },
    },
  };
}

/** @throws {TypeError} */
function fromJson<T>(option: string, path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new TypeError(`--${option} ${path}: ${error instanceof SyntaxError ? 'not JSON' : 'cannot be read'}`);
  }
}
