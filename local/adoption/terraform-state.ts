// The key pairs in a state of Terraform, and the keys that it keeps with them: where it made the key (tencentcloud_key_pair, tls_private_key),
// or wrote it to a file (`key_file`). Source: the resources' pages of the providers aliyun/alicloud, tencentcloudstack/tencentcloud and
// hashicorp/tls.
import { parsePublicKey } from '../../lib/ssh/public-key.ts';
import type { ListedPair } from './listed-pair.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Each resource's provider; what its attributes are called differs. */
const kinds: Readonly<Record<string, string>> = {
  alicloud_ecs_key_pair: 'ecs',
  alicloud_key_pair: 'ecs',
  alicloud_ens_key_pair: 'ens',
  tencentcloud_key_pair: 'cvm',
};

/** @throws {TypeError} for what is no state of version 4 */
export function pairsInState(text: string): readonly ListedPair[] {
  const all = resourcesIn(text);
  const made = new Map(
    all
      .filter(({ type }) => type === 'tls_private_key')
      .flatMap(({ attributes: { public_key_openssh: line, private_key_pem: key } }) =>
        typeof line === 'string' && typeof key === 'string' ? [[lineOf(line), key] as const] : [],
      ),
  );
  return all.flatMap(({ type, attributes }) => {
    const provider = kinds[type];
    const name = textIn(attributes, 'key_pair_name') ?? textIn(attributes, 'key_name');
    if (provider === undefined || name === undefined) return [];
    const publicKey = textIn(attributes, 'public_key');
    const key = textIn(attributes, 'private_key') ?? (publicKey && made.get(lineOf(publicKey)));
    const keyFile = key === undefined ? textIn(attributes, 'key_file') : undefined;
    return {
      ...{ provider, name },
      ...(key !== undefined && { key }),
      ...(keyFile !== undefined && { keyFile }),
      ...(key === undefined && keyFile === undefined && publicKey !== undefined && { publicKey }),
    };
  });
}

function resourcesIn(text: string): readonly { readonly type: string; readonly attributes: Attributes }[] {
  try {
    const { version, resources } = JSON.parse(text);
    if (version !== 4) throw new TypeError('another version');
    return resources.flatMap(({ type, instances }: { type: string; instances: { attributes: Attributes }[] }) =>
      instances.map(({ attributes }) => ({ type, attributes })),
    );
  } catch {
    throw new TypeError('the state of Terraform is not one of version 4, as `terraform state pull` prints it');
  }
}

const textIn = (attributes: Attributes, field: string): string | undefined =>
  typeof attributes[field] === 'string' && attributes[field] !== '' ? (attributes[field] as string) : undefined;

/** Whatever its comment; as it stands, where it cannot be read. */
function lineOf(publicKey: string): string {
  try {
    return parsePublicKey(publicKey).line;
  } catch {
    return publicKey.trim();
  }
}
