// What a stage says about itself, checked while packaging: otherwise only the first request would find a wrong word here.
import { existsSync } from 'node:fs';
import { OPEN } from '../lib/access/access-document.ts';
import { originForm, originsIn } from '../lib/application/cors.ts';
import { areNames, areNetworks, arePorts } from '../lib/hosts/host-rules.ts';
import { providerNames, rowOf } from '../lib/provider-table.ts';
import { tagsIn } from '../lib/secret-traits.ts';

export interface Parameters {
  readonly stage: string;
  /** The tag on everything this deployment makes. */
  readonly deployment: string;
  readonly issuer: string;
  readonly audience: string;
  /** ARN of an SNS topic; without one, the alarms are there and notify nobody. */
  readonly alarmTopic: string | undefined;
  /** Whether API Gateway checks tokens before our function does. */
  readonly gatewayAuthorizer: boolean;
  /** ARNs of keys of KMS that secrets may be encrypted with, beside the stack's own. */
  readonly secretKeys: readonly string[];
  /** Of web pages that may call the API. */
  readonly corsOrigins: readonly string[];
  /** Whether the functions measure what they do, and there is a dashboard of it. */
  readonly metrics: boolean;
  readonly logRetentionDays: number;
  /** How many calls of one function may run at once, where each is to have a share of its own. */
  readonly concurrency: { readonly vend: number; readonly catalog: number; readonly lifecycle: number } | undefined;
  /** The network of the functions that log in on hosts; without one, they have the internet alone. */
  readonly vpc: { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] } | undefined;
}

interface Rule {
  readonly says: string;
  readonly pattern?: RegExp;
  /** In place of a pattern. */
  readonly fits?: (value: string) => boolean;
  /** The largest value of a number. */
  readonly most?: number;
  readonly optional?: boolean;
}

const quota: Rule = { says: 'how many key pairs a region can hold, 0 if not known', pattern: /^\d{1,9}$/ };
const endpoint: Rule = {
  says: "https://host[:port], in place of the cloud's own",
  pattern: /^https:\/\/([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?\/?$/i,
  optional: true,
};
const clouds = [...new Set(providerNames.map((provider) => rowOf(provider).cloud))];
const endpoints = [
  ...providerNames,
  ...clouds.flatMap((cloud) => ['sts', 'scaling', 'region'].map((service) => `${cloud}-${service}`)),
];
const days = (most: number): Rule => ({
  says: `a number of days up to ${most}, with a fraction or without`,
  pattern: /^\d{1,4}(\.\d{1,9})?$/,
  most,
});
const share: Rule = { says: 'how many calls may run at once, 1 to 1000', pattern: /^[1-9]\d{0,3}$/, most: 1_000 };
const list = (kind: string): Rule => ({
  says: `ids separated by commas, such as ${kind}-0a1b2c3d`,
  pattern: new RegExp(`^${kind}-[0-9a-f]{8,17}(,${kind}-[0-9a-f]{8,17})*$`),
  optional: true,
});
/** Each is in five statements of a role, and IAM takes only so much of one. */
export const MOST_SECRET_KEYS = 4;
/** As deploy/package.ts calls it. */
const COMPILED = 'access.json';
const rules = {
  deployment: { says: '1 to 32 of a-z, 0-9 and -', pattern: /^[a-z0-9][a-z0-9-]{0,31}$/, optional: true },
  access: {
    says: `access/<stage>.yaml, an access document, or the words "${OPEN}"`,
    pattern: new RegExp(`^(access\\.json|${OPEN})$`),
  },
  issuer: { says: "the tokens' `iss`, exactly as they have it", pattern: /^\S+$/ },
  audience: { says: "the tokens' `aud`", pattern: /^\S+$/ },
  'jwks-uri': { says: "the https URL of the issuer's keys", pattern: /^https:\/\/[^\s]+$/ },
  architecture: { says: 'arm64 or x86_64', pattern: /^(arm64|x86_64)$/ },
  'keys-fresh-seconds': { says: '1 to 3600', pattern: /^[1-9]\d{0,3}$/, most: 3_600 },
  'token-lifetime-seconds': { says: 'a number of seconds above 0', pattern: /^[1-9]\d{0,9}$/ },
  'alarm-topic': { says: 'the ARN of an SNS topic', pattern: /^arn:aws[a-z-]*:sns:[^\s]+$/, optional: true },
  strict: { says: 'true or false', pattern: /^(true|false)$/ },
  'key-source': { says: 'create or import', pattern: /^(create|import)$/ },
  'key-bits': { says: '2048, 3072 or 4096', pattern: /^(2048|3072|4096)$/ },
  metrics: { says: 'none or embedded', pattern: /^(none|embedded)$/ },
  ...Object.fromEntries(providerNames.map((provider) => [`${provider}-quota`, quota])),
  ...Object.fromEntries(endpoints.map((name) => [`${name}-endpoint`, endpoint])),
  'max-age-days': days(3_650),
  'age-spread': { says: '0 to 1', pattern: /^(0(\.\d{1,9})?|1(\.0+)?)$/ },
  'overlap-days': days(365),
  'grace-days': days(3_650),
  coverage: { says: 'above 0, up to 1', pattern: /^(0\.\d{0,8}[1-9]\d{0,8}|1(\.0+)?)$/ },
  'max-parallel-hosts': { says: '1 to 50', pattern: /^([1-9]|[1-4]\d|50)$/ },
  'record-host-keys': { says: 'true or false', pattern: /^(true|false)$/ },
  'workers-per-caller': { says: '1 to 50', pattern: /^([1-9]|[1-4]\d|50)$/ },
  'min-coverage': { says: 'up to 1', pattern: /^(0(\.\d{1,9})?|1(\.0+)?)$/, optional: true },
  'min-overlap-days': { ...days(365), optional: true },
  'max-overlap-days': { ...days(365), optional: true },
  'least-max-age-days': { ...days(3_650), optional: true },
  'most-max-age-days': { ...days(3_650), optional: true },
  'most-parallel-hosts': { says: '1 to 50', pattern: /^([1-9]|[1-4]\d|50)$/, optional: true },
  'may-record-host-keys': { says: 'true or false', pattern: /^(true|false)$/, optional: true },
  'host-networks': {
    says: 'networks separated by commas, such as 10.0.0.0/8,fd12:3456::/32, none of them loopback, link-local or metadata',
    fits: areNetworks,
    optional: true,
  },
  'host-names': { says: 'names separated by commas, such as *.example.com', fits: areNames, optional: true },
  'host-ports': { says: 'ports separated by commas, such as 22,2200-2299', fits: arePorts },
  'subnet-ids': list('subnet'),
  'security-group-ids': list('sg'),
  'secret-tags': {
    says: `tags for every secret as a JSON object, such as {"cost-center":"4711"}, and none that begins with keyvend, aws:, acs: or aliyun`,
    fits: (said) => tagsIn(said) !== undefined,
    optional: true,
  },
  // An alias is none: rights are for keys, and AWS tells which key an alias leads to.
  'secret-keys': {
    says: `up to ${MOST_SECRET_KEYS} ARNs of keys of KMS separated by commas: arn:aws:kms:<region>:<account>:key/<id>`,
    pattern:
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+(,arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+){0,3}$/,
    optional: true,
  },
  'cors-origins': {
    says: 'origins of web pages separated by commas, such as https://portal.example.com',
    fits: (said) => [...originsIn(said)].every((origin) => originForm.test(origin)),
    optional: true,
  },
  'aws-callers': { says: 'true or false', pattern: /^(true|false)$/ },
  // AWS: CloudWatch Logs API Reference, PutRetentionPolicy.
  'log-retention-days': {
    says: 'a number of days that CloudWatch accepts: 7, 30, 90, 365, ...',
    pattern: /^([1357]|14|30|60|90|120|150|180|365|400|545|731|1096|1827|2192|2557|2922|3288|3653)$/,
  },
  'reserved-concurrency': { says: 'true or false', pattern: /^(true|false)$/ },
  'vend-concurrency': share,
  'catalog-concurrency': share,
  'lifecycle-concurrency': share,
  'gateway-authorizer': { says: 'true or false', pattern: /^(true|false)$/ },
} satisfies Record<string, Rule>;

/** All that a stage may say about itself, but for the bucket, of which the framework knows. */
export const parameterNames: readonly string[] = Object.keys(rules);

/**
 * @param resolve `sls:stage`, `param:<name>`; returns '' for what is not set
 * @throws {TypeError} with all that is missing or wrong, and what it should be
 */
export async function parametersFrom(resolve: (address: string) => Promise<unknown>): Promise<Parameters> {
  const stage = String(await resolve('sls:stage'));
  const values = new Map<string, string>();
  const wrong: string[] = [];
  // Every letter counts in the names of roles and queues: the longest, a function's, may have 64.
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(stage)) wrong.push('  stage: 1 to 32 of a-z, 0-9 and -');
  for (const [name, { says, pattern, fits, optional, most = Number.POSITIVE_INFINITY }] of Object.entries<Rule>(
    rules,
  )) {
    const isRight = (value: string) => (pattern?.test(value) ?? fits?.(value) ?? true) && !(Number(value) > most);
    const value = String(await resolve(`param:${name}`));
    if (name === 'access' && value === COMPILED && !hasAccess(stage)) wrong.push(`  ${name}: ${says}`);
    else if (value === '' ? !optional : !isRight(value)) wrong.push(`  ${name}: ${says}`);
    else if (value !== '') values.set(name, value);
  }
  const [subnets, groups] = [values.get('subnet-ids'), values.get('security-group-ids')];
  if ((subnets === undefined) !== (groups === undefined)) {
    wrong.push('  subnet-ids, security-group-ids: both, or neither of them');
  }
  if (wrong.length > 0) throw refusal(stage, wrong);
  return {
    stage,
    deployment: values.get('deployment') ?? stage,
    issuer: values.get('issuer')!,
    audience: values.get('audience')!,
    alarmTopic: values.get('alarm-topic'),
    gatewayAuthorizer: values.get('gateway-authorizer') === 'true',
    secretKeys: values.get('secret-keys')?.split(',') ?? [],
    corsOrigins: [...originsIn(values.get('cors-origins'))],
    metrics: values.get('metrics') === 'embedded',
    logRetentionDays: Number(values.get('log-retention-days')),
    concurrency:
      values.get('reserved-concurrency') === 'true'
        ? {
            vend: Number(values.get('vend-concurrency')),
            catalog: Number(values.get('catalog-concurrency')),
            lifecycle: Number(values.get('lifecycle-concurrency')),
          }
        : undefined,
    vpc: subnets && groups ? { subnetIds: subnets.split(','), securityGroupIds: groups.split(',') } : undefined,
  };
}

/** Where the package is made, it is compiled already; where it is deployed or removed from, there is only what it is compiled from. */
const hasAccess = (stage: string): boolean => existsSync(COMPILED) || existsSync(`access/${stage}.yaml`);

function refusal(stage: string, wrong: readonly string[]): TypeError {
  const error = new TypeError(
    [
      `Stage "${stage}" has missing or wrong parameters:`,
      ...wrong,
      "Write them under `params` in serverless.yml, or add --param 'name=value'. See docs/deploy.md.",
    ].join('\n'),
  );
  error.stack = error.message; // shown as it is: where in our code this was found helps nobody
  return error;
}
