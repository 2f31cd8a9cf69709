// What the packaged template comes to once it is deployed: functions with their environment, roles with their policies, the key's policy, every
// name and ARN filled in. Source: CloudFormation User Guide, intrinsic functions; "Return values" of each resource type.
import type { Json, Packaged } from '../deploy/packaged.ts';
import type { Shipped } from '../deploy/run-function.ts';

export const account = '123456789012';
export const region = 'eu-central-1';
/** A key of one's own, as the parameter names it. */
export const OWN_KEY = `arn:aws:kms:${region}:${account}:key/abcd1234-ab12-cd34-ef56-abcdef123456`;
/** Options of packaging for a stage whose functions that log in are in a VPC, and whose secrets may have another key: it has every right that there is. */
export const whole = [
  ...['subnet-ids=subnet-0a1b2c3d', 'security-group-ids=sg-0a1b2c3d', `secret-keys=${OWN_KEY}`],
].flatMap((parameter) => ['--param', parameter]);
const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};
const arnOf = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;

/** By the type of the resource: what `Ref` gives, and what `Fn::GetAtt` gives for its ARN. */
const given: Readonly<
  Record<string, (id: string, properties: Json) => { readonly ref: string; readonly arn: string }>
> = {
  'AWS::DynamoDB::Table': (_, { TableName }) => ({ ref: TableName, arn: arnOf('dynamodb', `table/${TableName}`) }),
  'AWS::SQS::Queue': (_, { QueueName }) => ({
    ref: `https://sqs.${region}.amazonaws.com/${account}/${QueueName}`,
    arn: arnOf('sqs', QueueName),
  }),
  'AWS::Events::EventBus': (_, { Name }) => ({ ref: Name, arn: arnOf('events', `event-bus/${Name}`) }),
  'AWS::KMS::Key': () => ({ ref: KEY_ID, arn: arnOf('kms', `key/${KEY_ID}`) }),
  'AWS::Logs::LogGroup': (_, { LogGroupName }) => ({
    ref: LogGroupName,
    arn: arnOf('logs', `log-group:${LogGroupName}:*`),
  }),
  'AWS::IAM::Role': (id) => ({ ref: id, arn: `arn:aws:iam::${account}:role/${id}` }),
};
const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';

export interface DeployedFunction extends Shipped {
  readonly role: string;
  readonly policies: readonly { readonly name: string; readonly policy: Json }[];
}

export interface Deployed {
  readonly functions: readonly DeployedFunction[];
  readonly table: { readonly name: string; readonly arn: string };
  readonly key: { readonly arn: string; readonly policy: Json };
  readonly bus: string;
  /** A resource of the template by its logical name. */
  at(name: string): { readonly ref: string; readonly arn: string };
}

export function deployed({ template, folder }: Packaged): Deployed {
  const { Resources } = template;
  const at = (name: string) => {
    const { Type, Properties = {} } = Resources[name] ?? {};
    const make = given[Type];
    if (make === undefined) throw new TypeError(`what a ${Type} (${name}) is called is not known here`);
    return make(name, resolved(Properties));
  };
  const resolved = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolved);
    if (value === null || typeof value !== 'object') return value;
    if (typeof value.Ref === 'string') return pseudo[value.Ref] ?? at(value.Ref).ref;
    if (value['Fn::GetAtt'] !== undefined) return at(value['Fn::GetAtt'][0]).arn;
    if (value['Fn::Sub'] !== undefined) return filledIn(value['Fn::Sub']);
    if (value['Fn::Join'] !== undefined) return resolved(value['Fn::Join'][1]).join(value['Fn::Join'][0]);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner)]));
  };
  const filledIn = (text: string) =>
    text.replace(/\$\{([^}]+)\}/g, (_, name: string) => pseudo[name] ?? at(name.split('.')[0]!).arn);
  const functions = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }): DeployedFunction => {
      const role: string = Properties.Role['Fn::GetAtt'][0];
      const name: string = Properties.FunctionName.replace(/^.*-/, '');
      return {
        name,
        zip: `${folder}/${name}.zip`,
        handler: Properties.Handler,
        environment: resolved(Properties.Environment.Variables),
        role,
        policies: resolved(Resources[role].Properties.Policies).map(({ PolicyName, PolicyDocument }: Json) => ({
          name: PolicyName,
          policy: PolicyDocument,
        })),
      };
    });
  const ledger = at('Ledger');
  return {
    functions,
    table: { name: ledger.ref, arn: ledger.arn },
    key: { arn: at('Key').arn, policy: resolved(Resources.Key.Properties.KeyPolicy) },
    bus: at('Bus').arn,
    at,
  };
}
