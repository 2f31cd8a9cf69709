import type { Secret } from '../secret.ts';

/**
 * What people keep in a shared store beside the secrets, such as the clouds' access keys. Read, and never written.
 * @param name words with slashes between them @returns undefined where there is none
 * @throws {VendingError} STORE_UNAVAILABLE, STORE_REFUSED
 */
export type Documents = (name: string) => Promise<Secret | undefined>;
