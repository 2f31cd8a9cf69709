// The key that is imported, where the cloud does not make one.
import type { Secret } from '../secret.ts';
import type { PrivateKey } from '../ssh/private-key.ts';
import type { KeyBits } from './key-source.ts';
import type { Settings } from './ports.ts';
import type { Request } from './record.ts';

export interface ImportedKey {
  /** One OpenSSH line without comment. */
  readonly publicKey: string;
  /** Absent where whoever asked has it, and nobody else. */
  readonly privateKey?: Secret;
}

type Asked = Pick<Request, 'keySource' | 'keyBits' | 'publicKey'>;
type Usual = Pick<Settings, 'keySource' | 'keyBits'>;

/**
 * The key that is to be imported, on its way; undefined where the cloud makes one.
 * @param newKey makes one here
 */
export function keyToImport(
  { publicKey, keySource, keyBits }: Asked,
  { keySource: usual = 'create', keyBits: usualBits = 2_048 }: Usual,
  newKey: (wanted: { readonly bits: KeyBits }) => Promise<PrivateKey>,
): Promise<ImportedKey> | undefined {
  if (publicKey !== undefined) return Promise.resolve({ publicKey });
  return (keySource ?? usual) === 'import' ? newKey({ bits: keyBits ?? usualBits }) : undefined;
}
