// What `keyvend show --public-key` prints of what a deployment answered.
import { expect, it } from 'vitest';
import { VendingError } from '../../../lib/errors.ts';
import { publicKeyForms } from '../../../local/commands/command.ts';
import { printPublicKey } from '../../../local/print-public-key.ts';

it.each(publicKeyForms)(
  'a deployment that answers something else than a key has nothing of it printed as %s',
  (form) => {
    const answers = [
      '\u001b[2Jssh-rsa AAAA',
      'ssh-rsa \u001b[2J',
      'ssh-rsa AAAA\nssh-rsa BBBB',
      'ecdsa-sha2-nistp256 AAAA',
    ];
    for (const answer of answers) expect(() => printPublicKey(answer, 'edge', form)).toThrow(VendingError);
  },
);
