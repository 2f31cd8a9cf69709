// A Secret gives its value to `reveal()` and to nothing else.
import { execFile } from 'node:child_process';
import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import { format, inspect, promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../lib/secret.ts';

const value = 'only-reveal-shows-this';
const secret = new Secret(value);
const all = { showHidden: true, depth: Number.POSITIVE_INFINITY, getters: true };

function consoleOf(print: (console: Console) => void): string {
  const stream = new PassThrough();
  print(new Console({ stdout: stream, stderr: stream, inspectOptions: { showHidden: true, depth: 20 } }));
  return String(stream.read());
}

it('a secret reveals its value to reveal()', () => {
  expect(secret.reveal()).toBe(value);
});

describe('a secret', () => {
  const named: Record<string, () => string> = {
    'String()': () => String(secret),
    'a template': () => `${secret}`,
    'a joined list': () => [secret, secret].join(),
    'JSON.stringify': () => JSON.stringify({ secret }),
    inspect: () => inspect(secret),
    'inspect with hidden values': () => inspect({ secret }, all),
    'format %s': () => format('%s', secret),
    'format %o %O %j': () => format('%o %O %j', secret, secret, secret),
    'console.log': () => consoleOf((console) => console.log(secret)),
    'console.error of a list': () => consoleOf((console) => console.error([{ secret }])),
    "an inspected error's cause": () => inspect(new Error('it failed', { cause: secret }), all),
    "an inspected error's property": () => inspect(Object.assign(new Error('it failed'), { secret }), all),
    "an error's message": () => new Error(`it failed with ${secret}`).message,
  };
  it.each(Object.entries(named))('appears as [secret] in %s', (_name, print) => {
    expect(print()).toContain('[secret]');
    expect(print()).not.toContain(value);
  });

  const empty: Record<string, () => string> = {
    structuredClone: () => inspect(structuredClone(secret), all),
    'a clone of what holds it': () => inspect(structuredClone({ secret }), all),
    'v8.serialize': () => serialize({ secret }).toString('latin1') + inspect(deserialize(serialize(secret)), all),
    'a spread': () => inspect({ ...secret }, all),
    'Object.entries': () => inspect(Object.entries(secret), all),
    'its own keys, hidden ones too': () => inspect(Reflect.ownKeys(secret), all),
    'inspect without custom inspection': () => inspect(secret, { ...all, customInspect: false }),
    'console.dir without custom inspection': () =>
      consoleOf((console) => console.dir(secret, { ...all, customInspect: false })),
  };
  it.each(Object.entries(empty))('shows nothing of its value in %s', (_name, print) => {
    expect(print()).not.toContain(value);
  });

  it.each([
    ['thrown itself', 'throw secret'],
    ['thrown as a cause', 'throw new Error("it failed", { cause: secret })'],
    ['the reason of a rejected promise', 'Promise.reject(secret)'],
    ['the cause of an error in a rejected promise', 'Promise.reject(new Error("it failed", { cause: { secret } }))'],
  ])('is not printed by a process that ends because it was %s', async (_name, statement) => {
    const module = new URL('../../lib/secret.ts', import.meta.url);
    // The value is put together at run time: Node prints the source line that threw.
    const script = `import { Secret } from '${module}';
      const secret = new Secret(['only', 'reveal', 'shows', 'this'].join('-'));
      console.error(secret.reveal().length);
      ${statement}`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    const { stderr, code } = (await run.catch((error: { stderr: string; code: number }) => error)) as {
      stderr: string;
      code: number;
    };
    expect(code).toBe(1);
    expect(stderr).toContain(`${value.length}\n`);
    expect(stderr).not.toContain(value);
  });
});
