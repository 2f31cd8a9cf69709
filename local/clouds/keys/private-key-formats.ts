// The spellings of one private key that services' pages and answers show. Source: the samples of the three CreateKeyPair
// pages (ENS: `\\n` inside JSON; ECS: base64 without armour; CVM: PKCS#1 with a newline at the end).
import type { KeyObject } from 'node:crypto';

const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8'): string => key.export({ format: 'pem', type }).toString();

const formats = {
  pkcs1: (key: KeyObject) => pem(key, 'pkcs1'),
  pkcs8: (key: KeyObject) => pem(key, 'pkcs8'),
  'pkcs8-in-rsa-armour': (key: KeyObject) => pem(key, 'pkcs8').replaceAll(' PRIVATE KEY', ' RSA PRIVATE KEY'),
  'no-final-newline': (key: KeyObject) => pem(key, 'pkcs1').trimEnd(),
  crlf: (key: KeyObject) => pem(key, 'pkcs1').replaceAll('\n', '\r\n'),
  /** The field's value holds a backslash and an n, not a newline. */
  'literal-newlines': (key: KeyObject) => pem(key, 'pkcs1').replaceAll('\n', '\\n'),
  'doubly-escaped': (key: KeyObject) => pem(key, 'pkcs1').replaceAll('\n', '\\\\n'),
  /** The DER as base64 in one line. */
  'bare-base64': (key: KeyObject) => key.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
} as const;

export type PrivateKeyFormat = keyof typeof formats;
export const privateKeyFormats = Object.keys(formats) as ['pkcs1', ...PrivateKeyFormat[]];

export const formatted = (key: KeyObject, format: PrivateKeyFormat): string => formats[format](key);
