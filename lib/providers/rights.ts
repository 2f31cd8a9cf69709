// What an access key has to be allowed at its cloud, and what for. The table in docs/deploy.md, the policies in deploy/policies and
// what `keyvend doctor` tries come from here.
import { type ProviderName, providerNames, rowOf } from '../provider-table.ts';

/** As RAM and CAM spell it: the service, then the action. */
export type Action = `${'ens' | 'ecs' | 'ess' | 'cvm' | 'as' | 'region' | 'sts'}:${string}`;

interface Feature {
  /** What it is called in a table, and in a sentence. */
  readonly title: string;
  /** What becomes of it otherwise, in Markdown. */
  readonly without: string;
  readonly actions: Readonly<Record<ProviderName, readonly Action[]>>;
}

export const features = {
  vending: {
    title: 'vending, recovery, purging',
    without: '`PERMISSION_DENIED`',
    actions: {
      ecs: ['ecs:CreateKeyPair', 'ecs:DescribeKeyPairs', 'ecs:DeleteKeyPairs'],
      ens: ['ens:CreateKeyPair', 'ens:DescribeKeyPairs', 'ens:DeleteKeyPairs'],
      cvm: ['cvm:CreateKeyPair', 'cvm:DescribeKeyPairs', 'cvm:DeleteKeyPairs', 'sts:GetCallerIdentity'],
    },
  },
  comparing: {
    title: 'comparing what no record names',
    without: 'only regions with a record or a stored key are compared, and each comparison says so',
    actions: { ecs: ['ecs:DescribeRegions'], ens: [], cvm: ['region:DescribeRegions'] },
  },
  holders: {
    title: 'who has a pair; targets',
    without:
      'retiring takes `force=true`; what lingers shows no instances; targets find nothing, and their rotations wait',
    actions: { ecs: ['ecs:DescribeInstances'], ens: ['ens:DescribeInstances'], cvm: ['cvm:DescribeInstances'] },
  },
  references: {
    title: 'what names a pair',
    without: 'that kind is left out',
    actions: {
      ecs: ['ecs:DescribeLaunchTemplates', 'ecs:DescribeLaunchTemplateVersions', 'ess:DescribeScalingConfigurations'],
      ens: [],
      cvm: ['cvm:DescribeLaunchTemplates', 'cvm:DescribeLaunchTemplateVersions', 'as:DescribeLaunchConfigurations'],
    },
  },
  updateTemplates: {
    title: '`updateTemplates`',
    without: 'they keep the old pair, and the rotation says so',
    actions: {
      ecs: [
        'ecs:CreateLaunchTemplateVersion',
        'ecs:ModifyLaunchTemplateDefaultVersion',
        'ess:ModifyScalingConfiguration',
      ],
      ens: [],
      cvm: [
        'cvm:CreateLaunchTemplateVersion',
        'cvm:ModifyLaunchTemplateDefaultVersion',
        'as:ModifyLaunchConfigurationAttributes',
      ],
    },
  },
  importing: {
    title: 'keys made elsewhere than at the cloud; `keepName` on ECS and ENS',
    without: '`PERMISSION_DENIED` where a key is to be imported; the name leads nowhere, and `ownName` says so',
    actions: { ecs: ['ecs:ImportKeyPair'], ens: ['ens:ImportKeyPair'], cvm: ['cvm:ImportKeyPair'] },
  },
  keepName: {
    title: '`keepName` on CVM',
    without: 'the name leads to the old pair, and `ownName` says so',
    actions: { ecs: [], ens: [], cvm: ['cvm:ModifyKeyPairAttribute'] },
  },
  rebind: {
    title: '`rebind`, release',
    without: 'the pair goes on lingering',
    actions: {
      ecs: ['ecs:AttachKeyPair', 'ecs:DetachKeyPair'],
      ens: ['ens:AttachKeyPair', 'ens:DetachKeyPair'],
      cvm: ['cvm:AssociateInstancesKeyPairs', 'cvm:DisassociateInstancesKeyPairs'],
    },
  },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof features;
export const featureNames = Object.keys(features) as readonly FeatureName[];
export const featureOf = (name: FeatureName): Feature => features[name];

/** What a policy is for: one feature, or all of them. */
export type PolicyKind = FeatureName | 'everything';

/** Those of a provider whose cloud asks a right for them: no two have the same. */
export const policyKindsOf = (provider: ProviderName): readonly PolicyKind[] => [
  ...featureNames.filter((name) => featureOf(name).actions[provider].length > 0),
  'everything',
];

/** The file that has the rights of one provider's access key for what it is for. */
export const policyFileOf = (provider: ProviderName, kind: PolicyKind): string => {
  const service = rowOf(provider).cloud === 'tencent' ? 'cam' : 'ram';
  const words = kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `deploy/policies/${service}-keyvend-${provider}-${words}.json`;
};

export const actionsOf = (provider: ProviderName, kind: PolicyKind): readonly Action[] =>
  featureNames
    .filter((name) => kind === 'everything' || name === kind)
    .flatMap((name) => featureOf(name).actions[provider]);

const shown = (actions: readonly Action[]): string => actions.map((action) => `\`${action}\``).join(' ');

/** The columns of the docs' table, where the widest provider is first. */
const columns: readonly ProviderName[] = ['ecs', ...providerNames.filter((name) => name !== 'ecs')];

export const rightsTable = (): string =>
  table(
    'for',
    featureNames
      .map(featureOf)
      .map(({ title, actions, without }) => [title, ...columns.map((provider) => shown(actions[provider])), without]),
    'without it',
  );

/** By feature and provider, as links from a page in docs. */
export const policyTable = (): string =>
  table(
    'for',
    ([...featureNames, 'everything'] as const).map((kind) => [
      kind === 'everything' ? 'all of it' : featureOf(kind).title,
      ...columns.map((provider) => {
        const path = policyFileOf(provider, kind);
        return policyKindsOf(provider).includes(kind) ? `[${path.split('/').at(-1)}](../${path})` : '';
      }),
    ]),
  );

function table(first: string, rows: readonly (readonly string[])[], ...more: readonly string[]): string {
  const head = [first, ...columns.map((name) => name.toUpperCase()), ...more];
  const line = (cells: readonly string[]) => `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
