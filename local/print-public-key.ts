// `keyvend show --public-key`: the public half alone.
import { parsePublicKey } from '../lib/ssh/public-key.ts';
import { type PublicKeyForm, publicKeyAs } from '../lib/ssh/public-key-forms.ts';
import { fail } from './fail.ts';

/** @param line as it is on record, or as a deployment answered it: what is no key is not printed @throws {VendingError} KEY_UNREADABLE */
export function printPublicKey(line: string | undefined, comment: string, form: PublicKeyForm): void {
  if (line === undefined) fail('no key of that name counts: it is being made, or is gone', 3);
  process.stdout.write(publicKeyAs(form, parsePublicKey(line).line, comment)!);
}
