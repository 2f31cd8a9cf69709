import { fail } from '../fail.ts';
import { type Command, keyForms, PLACE } from './command.ts';
import { formOf } from './form-of.ts';

export const key: Command = {
  name: 'key',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'read a private key where it is stored, with your own rights there',
  details: `The HTTP API never hands out a private key. This reads the embedded store under KEYVEND_HOME (.keyvend). With
KEYVEND_PLATFORM=aws, or KEYVEND_STORE=secrets-manager, it reads AWS Secrets Manager: AWS_REGION, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, KEYVEND_DEPLOYMENT. With KEYVEND_STORE=kv it reads the readers' copy in OpenBao or Vault, with the
token of BAO_TOKEN, VAULT_TOKEN, KEYVEND_KV_TOKEN_FILE or ~/.vault-token: KEYVEND_KV_ADDRESS, KEYVEND_DEPLOYMENT.
With --where it prints the name that the secret has in AWS Secrets Manager, or with KEYVEND_STORE=kv the command that
reads it from OpenBao. With --agent it gives the key to the ssh-agent that runs here, which forgets it after --lifetime.
With --format it prints the same key as another program reads it: pem (PKCS#1) and pkcs8 for what is built on OpenSSL, ppk for
PuTTY 0.75 and later. None is encrypted.`,
  options: [...PLACE, 'out', 'keyForm', 'agent', 'lifetime', 'where', 'config'],
  examples: [
    'key ecs web:prod --region cn-hangzhou --out web-prod.pem',
    'key ecs web:prod --region cn-hangzhou --format ppk --out web-prod.ppk',
    'key ens edge --agent --lifetime 1h',
  ],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { agent, where, out, lifetime } = given;
    const form = formOf(keyForms, given.format);
    if ([agent, where, out].filter(Boolean).length > 1)
      return fail('--agent, --where and --out exclude one another', 2);
    if (lifetime !== undefined && !agent) return fail('--lifetime goes with --agent', 2);
    if (form !== undefined && (agent || where)) return fail('--format goes with neither --agent nor --where', 2);
    const { lendKey, printKey, printWhere } = await import('../print-key.ts');
    if (agent) await lendKey(identity, lifetime ?? '1h');
    else await (where ? printWhere(identity) : printKey(identity, out, form));
    return 0;
  },
};
