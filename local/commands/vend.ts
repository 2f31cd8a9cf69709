import { readFile } from 'node:fs/promises';
import { fail } from '../fail.ts';
import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

export const vend: Command = {
  name: 'vend',
  words: '<provider> <name>',
  group: 'Key pairs',
  summary: 'have a key pair made, and its private key stored',
  details:
    'The same request again answers the same pair. The private key is in no answer: keyvend key reads it where it is stored.',
  options: [
    ...[...PLACE, 'tag', 'resourceGroup', 'project', 'keySource', 'keyBits', 'ownKey'],
    ...['secretTag', 'secretKey'],
    ...['idempotencyKey', 'json', ...CALL],
  ] as const,
  examples: [
    'vend ens edge',
    'vend ecs web:prod --region cn-hangzhou --key-bits 4096',
    'vend ecs bastion --region cn-hangzhou --own-key ~/.ssh/id_rsa.pub',
    'vend ecs web:prod --region cn-hangzhou --tag team=web',
    'vend ens edge --secret-tag cost-center=4711 --secret-key alias/team-web',
  ],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { tag = [], secretTag = [], secretKey, resourceGroup, project, keySource, keyBits, ownKey } = given;
    const { idempotencyKey, json = false } = given;
    const [tags, secretTags] = [pairsOf(tag, '--tag'), pairsOf(secretTag, '--secret-tag')];
    if (project !== undefined && !/^\d{1,9}$/.test(project)) return fail('--project takes a number', 2);
    const more = {
      ...(tags && { tags }),
      ...(resourceGroup !== undefined && { resourceGroupId: resourceGroup }),
      ...(identity.provider === 'cvm' && { projectId: Number(project ?? 0) }),
      ...(keySource !== undefined && { keySource }),
      // The size is made here, so asking for one asks for that.
      ...(keyBits !== undefined && { keySource: keySource ?? 'import', keyBits: Number(keyBits) }),
      ...(ownKey !== undefined && { publicKey: await lineIn(ownKey) }),
      ...(secretTags && { secretTags }),
      ...(secretKey !== undefined && { secretKey }),
    };
    const { vend } = await import('../remote/key-pairs.ts');
    await vend(await deploymentOf(given), identity, more, idempotencyKey, json);
    return 0;
  },
};

const lineIn = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => fail('--own-key takes a file that can be read', 2))).trim();
/** Undefined for none. */
const pairsOf = (given: readonly string[], option: string): Readonly<Record<string, string>> | undefined =>
  given.length === 0
    ? undefined
    : Object.fromEntries(
        given.map((one) => /^([^=]+)=(.*)$/s.exec(one)?.slice(1) ?? fail(`${option} takes key=value`, 2)),
      );
