// Numbers and lists an account has. Quotas marked "guess" are published nowhere.
import { defaultsOf, listOf, type Values, whole } from './setting.ts';

export const limitRows = {
  'alibaba.signatureWindowMs': whole(15 * 60_000, 1),
  'tencent.signatureWindowMs': whole(5 * 60_000, 1),

  'ens.keyPairs': whole(500), // guess
  'ecs.keyPairsPerRegion': whole(500), // CreateKeyPair: "You can have up to 500 key pairs in each region"
  'cvm.keyPairs': whole(500), // guess; per account, all regions together

  'ecs.tags': whole(20), // CreateKeyPair: "Valid values of N: 1 to 20"
  'ecs.taggedInstances': whole(1000), // DescribeInstances: more resources with a tag are not found by it
  'cvm.resourcesPerTag': whole(1000), // guess; key pairs of the account that carry one and the same tag
  'cvm.requestsPerSecond': whole(10, 1), // CreateKeyPair: "A maximum of 10 requests can be initiated per second"

  'ecs.regions': listOf(
    'string',
    ...['cn-hangzhou', 'cn-shanghai', 'cn-beijing', 'cn-qingdao', 'cn-zhangjiakou', 'cn-huhehaote', 'cn-shenzhen'],
    ...['cn-heyuan', 'cn-guangzhou', 'cn-chengdu', 'cn-hongkong', 'ap-southeast-1', 'ap-southeast-3'],
    ...['ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7', 'ap-northeast-1', 'ap-northeast-2', 'us-east-1'],
    ...['us-west-1', 'eu-central-1', 'eu-west-1', 'me-east-1', 'me-central-1'],
  ),
  'cvm.regions': listOf(
    'string',
    ...['ap-beijing', 'ap-shanghai', 'ap-nanjing', 'ap-guangzhou', 'ap-chengdu', 'ap-chongqing', 'ap-hongkong'],
    ...['ap-singapore', 'ap-jakarta', 'ap-bangkok', 'ap-seoul', 'ap-tokyo', 'na-ashburn', 'na-siliconvalley'],
    ...['sa-saopaulo', 'eu-frankfurt'],
  ),
  'kms.versions': whole(10, 1),
  'kms.secrets': whole(10_000), // guess
  'kms.instances': listOf('string', 'kst-local'),
  'kms.keys': listOf('string', 'key-local', 'key-local-second', 'alias/local'), // symmetric ones, whatever instance they are in
  'kms.requestsPerSecond.create': whole(10, 1), // CreateSecret and DeleteSecret, each
  'kms.requestsPerSecond.value': whole(450, 1), // GetSecretValue and PutSecretValue, each
  'kms.requestsPerSecond.list': whole(40, 1), // all others, each

  'eventbridge.buses': whole(10, 1), // guess
  'eventbridge.requestsPerSecond': whole(1_000, 1), // guess
  'smq.requestsPerSecond': whole(1_000, 1), // guess

  'ecs.resourceGroups': listOf('string', 'rg-acfmlocaldefault', 'rg-acfmlocalsecond'),
  'cvm.projects': listOf('number', 0, 1001, 1002),
} as const;

export type Limits = Values<typeof limitRows>;
export const defaultLimits: Limits = defaultsOf(limitRows);
