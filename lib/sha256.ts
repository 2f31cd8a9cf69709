// The one hash that most of keyvend needs. Written once, because a bundle asks for node:crypto anew in every file that imports it.
import { createHash } from 'node:crypto';

/** @param data text is hashed as UTF-8 @returns 32 bytes. Source: FIPS 180-4 */
export const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

export const sha256Hex = (data: string | Uint8Array): string => sha256(data).toString('hex');
