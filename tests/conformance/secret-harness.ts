// What the suites of the stores' contract have in common: how a store is started, what is put into it, and how what
// comes out of it is looked at.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, type TestContext } from 'vitest';
import type { VendingError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/identity.ts';
import { Secret } from '../../lib/secret.ts';
import type { SecretStore, StoredSecret } from '../../lib/secrets/secret-store.ts';

export interface SecretHarness {
  readonly store: SecretStore;
  /** Another one on the same data, of the same deployment. */
  readonly other: SecretStore;
  /** One on the same data, of another deployment. */
  readonly stranger: SecretStore;
  /** From now on nobody can ask the store. Absent where that cannot be arranged. */
  readonly down?: () => Promise<void>;
}
/** Gives an empty store. The context is for skipping the test where there is nothing to run it against. */
export type StartStore = (context: TestContext) => Promise<SecretHarness>;

export const web: Identity = { provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web' };
export const called = (name: string, over: Partial<Identity> = {}): Identity => ({ ...web, name, ...over });
export const anId = (): string => randomUUID();

/** PEM with a newline at the end, as keys are stored. */
export const aKey = (): Secret => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
};
export const anRsaKey = (): Secret => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return new Secret(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
};

/** Puts a fresh key. */
export async function kept(store: SecretStore, identity: Identity): Promise<{ id: string; key: Secret }> {
  const [id, key] = [anId(), aKey()];
  await store.put(identity, id, key);
  return { id, key };
}

/** Puts a fresh key and makes its version current, whichever was so before. */
export async function keptAsCurrent(store: SecretStore, identity: Identity): Promise<{ id: string; key: Secret }> {
  const version = await kept(store, identity);
  expect(await store.makeCurrent(identity, version.id, currentOf(await store.find(identity)))).toBe(true);
  return version;
}

export const idsOf = (secret: StoredSecret | undefined): string[] =>
  (secret?.versions ?? []).map(({ id }) => id).sort();
export const currentOf = (secret: StoredSecret | undefined): string | undefined =>
  secret?.versions.find(({ current }) => current)?.id;
export const textOf = async (secret: Promise<Secret | undefined>): Promise<string | undefined> =>
  (await secret)?.reveal();

/** The error a call ends with; a call that succeeds fails the test. */
export const failureOf = (result: Promise<unknown>): Promise<VendingError> =>
  result.then(
    (value) => Promise.reject(new Error(`succeeded with ${inspect(value)}`)),
    (error) => error,
  );

/** Looks for the key in every way that a value gets printed. */
export function expectNoKey(key: Secret, ...values: unknown[]): void {
  const slices =
    key
      .reveal()
      .replace(/-----[^-]+-----|\s/g, '')
      .match(/.{16}/g) ?? [];
  for (const value of values) {
    const shown = [inspect(value, { depth: 12, showHidden: true }), JSON.stringify(value) ?? '', String(value)];
    if (value instanceof Error) shown.push(value.stack ?? '', inspect(value.cause, { depth: 12 }));
    for (const text of shown) {
      expect(text).not.toContain('PRIVATE KEY');
      for (const slice of slices) expect(text).not.toContain(slice);
    }
  }
}
