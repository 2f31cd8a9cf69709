// Which key pair a failure is about, for the log: its provider, account, region and name are no secret, and whoever is called at night
// needs them. Kept beside the error, because it passes through parts that know no key pair.
import type { Identity } from '../identity.ts';

const abouts = new WeakMap<object, Identity>();

/** The work as it is; what it fails with is remembered as this key pair's. */
export async function about<T>(identity: Identity, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (typeof error === 'object' && error !== null) abouts.set(error, identity);
    throw error;
  }
}

/** Empty where the failure came before anything was named. */
export const aboutOf = (error: unknown): Partial<Identity> =>
  (typeof error === 'object' && error !== null && abouts.get(error)) || {};
