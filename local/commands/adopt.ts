import { fail } from '../fail.ts';
import { CALL, type Command, PLACE } from './command.ts';
import { deploymentOf } from './remotely.ts';

const group = 'Key pairs';
const overHttp = () => import('../remote/adopt.ts');

export const adopt: Command = {
  ...{ name: 'adopt', words: '<provider> <name>', group },
  summary: 'have a key pair looked after that was there before',
  details: `Its private key is held against what the cloud shows of the pair, and stored once that proves it. Where nobody has the
private key, --keyless adopts the pair without it: a rotation then brings one whose key is stored. The pair itself stays as it is.`,
  options: [...PLACE, 'pairKey', 'keyless', 'pairPublicKey', 'dryRun', 'json', ...CALL],
  examples: [
    'adopt ecs web:prod --region cn-hangzhou --key web.pem',
    'adopt ens edge --keyless --public-key-file edge.pub --dry-run',
  ],
  async run(words, given) {
    const { named } = await import('./named.ts');
    const identity = named(words, given);
    const { key, keyless = false, publicKeyFile, dryRun = false, json = false } = given;
    if ((key !== undefined) === keyless) return fail('give --key, or --keyless where nobody has the private key', 2);
    if (key !== undefined && publicKeyFile !== undefined) return fail('--key has the public key, too', 2);
    const { adopt: adoptOne, readKey } = await overHttp();
    const read = (file: string) => {
      try {
        return readKey(file);
      } catch (error) {
        return fail((error as Error).message, 2);
      }
    };
    const keys = {
      ...(key === undefined ? { keyless } : { privateKey: read(key) }),
      ...(publicKeyFile !== undefined && { publicKey: read(publicKeyFile).trim() }),
    };
    await adoptOne(await deploymentOf(given), identity, { dryRun, ...keys }, json);
    return 0;
  },
};

export const adoptFrom: Command = {
  ...{ name: 'adopt-from', words: '<list>', group },
  summary: 'adopt as many as a CSV file or a state of Terraform lists, each with an outcome of its own',
  details: `CSV has the columns provider, name, region, account, key and publicKey; key is a file beside the list. Of a state
(terraform state pull), the pairs of ECS, ENS and CVM are taken, with the keys that it keeps. What is adopted already stays as it is. Pairs of which it has no private key are refused, unless --keyless is given.`,
  options: ['region', 'keyless', 'dryRun', 'json', ...CALL],
  examples: ['adopt-from pairs.csv --dry-run', 'adopt-from terraform.tfstate --region cn-hangzhou'],
  async run([file = ''], given) {
    const { region, keyless = false, dryRun = false, json = false } = given;
    const { adoptListed } = await overHttp();
    const to = await deploymentOf(given);
    return adoptListed(to, file, { region, keyless, dryRun, json }).catch((error: unknown) => {
      if (error instanceof TypeError) return fail(error.message, 2);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fail(`there is no such file: ${file}`, 2);
      throw error;
    });
  },
};
