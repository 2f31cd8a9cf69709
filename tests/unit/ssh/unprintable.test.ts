// However a parsed key is printed, copied or serialised, nothing of its private half shows.
import { Console } from 'node:console';
import type { KeyObject } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { format, inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { ed25519, ed25519From, octets, parse, pem, rsa, rsaNumbers } from './keys.ts';

const all = {
  showHidden: true,
  depth: Number.POSITIVE_INFINITY,
  getters: true,
  maxArrayLength: null,
  breakLength: 1e9,
};
const seed = Uint8Array.from({ length: 32 }, (_, at) => (at * 73 + 41) % 256);

function privateParts(key: KeyObject): Buffer[] {
  if (key.asymmetricKeyType === 'ed25519') return [Buffer.from(seed)];
  const { d, p, q, dp, dq, qi } = rsaNumbers(key);
  return [d, p, q, dp, dq, qi].map(octets);
}

/** Runs of the private parts as hex, decimal octets, one decimal number and base64 at each of its three offsets. */
function traces(key: KeyObject): string[] {
  return privateParts(key).flatMap((part) => [
    part.toString('hex').slice(8, 24),
    part.subarray(4, 12).join(','),
    BigInt(`0x${part.toString('hex')}`)
      .toString()
      .slice(4, 24),
    ...[0, 1, 2].map((offset) => part.subarray(offset, offset + 12).toString('base64')),
  ]);
}

function consoleOf(print: (console: Console) => void): string {
  const stream = new PassThrough();
  print(new Console({ stdout: stream, stderr: stream, inspectOptions: { showHidden: true, depth: 20 } }));
  return String(stream.read() ?? '');
}

const ways: Record<string, (value: object) => string> = {
  'String()': String,
  'a template': (value) => `${value}`,
  'JSON.stringify': (value) => JSON.stringify({ value, list: [value] }),
  'inspect with everything shown': (value) => inspect(value, all),
  'inspect without custom inspection': (value) => inspect(value, { ...all, customInspect: false }),
  'format %o %O %j %s': (value) => format('%o %O %j %s', value, value, value, value),
  'console.log': (value) => consoleOf((console) => console.log(value, [value])),
  'console.dir': (value) => consoleOf((console) => console.dir(value, all)),
  'console.table': (value) => consoleOf((console) => console.table(value)),
  'console.trace': (value) => consoleOf((console) => console.trace(value)),
  structuredClone: (value) => inspect(structuredClone(value), all),
  'v8.serialize': (value) => serialize(value).toString('latin1') + inspect(deserialize(serialize(value)), all),
  'v8.serialize, as hex': (value) => serialize(value).toString('hex'),
  spread: (value) => inspect({ ...value }, all),
  'Object.entries': (value) => inspect(Object.entries(value), all),
  'own keys, hidden ones too': (value) => inspect(Object.values(Object.getOwnPropertyDescriptors(value)), all),
  "an error's cause": (value) => inspect(new Error('it failed', { cause: value }), all),
  "an error's property": (value) => inspect(Object.assign(new Error('it failed'), { value }), all),
};

describe.each([
  ['RSA', rsa(1024)],
  ['ed25519', ed25519From(seed)],
])('a parsed %s key', (_type, made) => {
  const key = parse(pem(made, 'pkcs8'));
  const found = (printed: string) => traces(made).filter((trace) => printed.replace(/\s|<Buffer/g, '').includes(trace));

  it.each(Object.entries(ways))('shows nothing of its private half in %s', (_way, print) => {
    expect(found(print(key))).toEqual([]);
    expect(found(print(key.privateKey))).toEqual([]);
  });

  it('shows its public half, which proves that the ways above do print', () => {
    expect(ways['inspect with everything shown']!(key)).toContain(key.publicKey);
    expect(consoleOf((console) => console.log(key))).toContain(key.publicKey);
  });

  it('would be found if its private half were printed', () => {
    for (const part of privateParts(made)) {
      expect(found(inspect(part, all)).length).toBeGreaterThan(0);
      expect(found(part.toString('base64')).length).toBeGreaterThan(0);
    }
    expect(found(key.privateKey.reveal()).length).toBeGreaterThan(0);
  });
});

it("parsing a private key leaves nothing in the memory that Node's small buffers share", () => {
  // Whoever clones any small buffer, or shows its hidden values, gets all of that memory.
  const pool = () => Buffer.from(Buffer.from('x').buffer);
  const text = pem(ed25519(), 'pkcs8');
  const body = text.split('\n')[1]!;
  const bytes = Buffer.alloc(48);
  bytes.write(body, 'base64');
  const before = pool();
  parse(parse(text).privateKey.reveal());
  expect([before, pool()].map((memory) => memory.indexOf(bytes.subarray(16)))).toEqual([-1, -1]);
  Buffer.from(body, 'base64');
  expect(pool().indexOf(bytes.subarray(16)), 'where it would be found').toBeGreaterThan(-1);
});
