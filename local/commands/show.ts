import { fail } from '../fail.ts';
import { CALL, type Command, PLACE, publicKeyForms } from './command.ts';
import { formOf } from './form-of.ts';
import { remotely } from './remotely.ts';

export const show: Command = {
  name: 'show',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'print what is on record of a key pair',
  details: `Versions, policy, rotations, what lingers and why, and when it is rotated by age, or why it is not.
With --public-key it prints the public half alone, as a line of authorized_keys, or with --format as another program reads it.`,
  options: [...PLACE, 'json', 'publicKey', 'publicKeyForm', ...CALL, 'config'],
  examples: [
    'show ens edge',
    'show ecs web:prod --region cn-hangzhou --json',
    'show ens edge --public-key --format jwk',
  ],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { json = false, publicKey = false } = given;
    const form = formOf(publicKeyForms, given.format);
    if (form !== undefined && !publicKey) return fail('--format goes with --public-key', 2);
    if (json && publicKey) return fail('--public-key and --json exclude one another; a key in JSON is --format jwk', 2);
    const remote = await remotely(given);
    if (publicKey) {
      const line = await (remote !== undefined
        ? (await import('../remote/key-pairs.ts')).publicKey(remote, identity)
        : (await import('../print-key-pair.ts')).publicKeyHere(identity));
      (await import('../print-public-key.ts')).printPublicKey(line, identity.name, form ?? 'openssh');
    } else if (remote !== undefined) await (await import('../remote/key-pairs.ts')).show(remote, identity, json);
    else await (await import('../print-key-pair.ts')).printKeyPair(identity, json);
    return 0;
  },
};
