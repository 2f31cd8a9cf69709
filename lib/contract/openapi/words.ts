// What each field means, in the document. A field means the same wherever it has the same name; where it does not, the schema is named.

import type { JsonSchema } from './json-schema.ts';
import { portable } from './patterns.ts';

const fields: Readonly<Record<string, string>> = {
  account: 'An alias of a cloud account, as the operator configured it.',
  activatedAt: 'Since when readers get it.',
  activatedBefore: 'Only those whose current key has counted since before this moment.',
  addresses: 'Which of the addresses of an instance is connected to.',
  adopted: 'Whether this request had it adopted, or would; it may have been adopted before.',
  after: 'What changed, as it is after that.',
  allowed: 'Whether a grant allows it.',
  at: 'When it happened.',
  attached: 'Instances that the cloud has the key pair attached to.',
  before: 'What changed, as it was before that.',
  body: 'As it was filed, in whatever words its sender chose.',
  by: 'Whether it names the pair by its name or by its id.',
  came: 'Instances that were not found the time before.',
  changedAt: 'When other hosts were last found than the time before.',
  clamped: 'Fields that go beyond what are the bounds by now, and apply at the bound.',
  code: 'Stable, as docs/errors.md lists them.',
  confirmation: 'What to send to have exactly this done.',
  confirmed: 'Whether the confirmation was sent: the worker carries it out.',
  count: 'How many there are in all.',
  counts: 'Whether it is the key that readers get.',
  coverage: 'The share of hosts that has to be done before a new key counts.',
  createRequestId:
    "The cloud's own id of the request that made the pair, for its support; absent where that answer was lost.",
  current: 'Whether it is the one that readers get.',
  cursor: 'Where the next page begins; absent from the last one. Good for the same query only.',
  data: 'The fields of a request.',
  datacontenttype: 'JSON, where it is said at all.',
  detail: 'What it means, and what to do.',
  did: 'What was done.',
  digest: 'SHA-256 of the entry, in hex: docs/access.md says how it is made.',
  document: 'The digest of the access document that had the grant.',
  done: 'What names the successor by now.',
  door: 'Which way the request came in.',
  driver: 'Who carries it out until the new key counts: keyvend, or a rotation schedule of AWS Secrets Manager.',
  dryRun: 'Looks and proves, and changes nothing.',
  effect: 'What detaching does to an instance of this provider.',
  endedAt: 'When it was over.',
  entries: 'The newest first.',
  errors: 'Each field of the body that is wrong, by a pointer, and each word of the path or the query, by its name.',
  evidence:
    'Whether what the cloud says of the pair proves that the stored key belongs to it, or only does not contradict it.',
  failures: 'How many tries have failed since the last one that did not.',
  filedAt: 'When it was filed.',
  fingerprint: "The cloud's own, in lower-case hex with colons.",
  fingerprints: 'As `ssh-keygen -l` prints them for the stored key.',
  fits: 'What of the question the grant covers.',
  force: 'Also while instances have the key pair.',
  found: 'What the targets last found.',
  from: 'The pair that it replaces.',
  grant: 'The grant that allowed it.',
  grants:
    'The grants of the access document that are the caller’s; absent where there is no document and every valid token may do everything.',
  has: 'What this deployment serves besides what each does.',
  held: 'Why it was not purged when it was due. It can still be restored.',
  host: 'A host, as a policy or a rotation lists it.',
  hostKeys: 'Fingerprints as `ssh-keygen -l` prints them, or public keys of the host.',
  hosts: 'The hosts that the key opens.',
  id: 'Its id.',
  instances: 'Ids of instances; the first of them, where there are many.',
  isDefault: 'Whether it is the default version.',
  issuer: 'The name that the access document has for whoever issued the token.',
  keepName: 'Whether the own name of the key pair leads to the key that counts after each rotation.',
  keyBits:
    'The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`.',
  keyPair: 'The key pair.',
  keyPairId: "The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported.",
  keyPairName: 'What the cloud calls the pair: not the name that was asked for, where a rotation made it.',
  keyPairs: 'Key pairs.',
  keyRewritten: 'The cloud sent the private key in another spelling than the one that is stored.',
  keys: 'The one that counts first.',
  keySource:
    'Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. In a request, absent for what the deployment does.',
  kind: 'What names the pair.',
  lastError: 'What failed last, while it is not over.',
  lateHosts:
    'Of a policy that lists hosts while older keys are still stored: which of them a host may know to be caught up.',
  leadsTo: 'The id of the version that the name leads to; absent while none of its pairs has it.',
  left: 'What is left, or gone.',
  limit: 'How many at most.',
  limits: 'How many key pairs the grant is good for.',
  lingering: 'Old pairs, off the hosts, that the cloud does not let go.',
  location: 'Where it is, as the header `Location` of a single request says.',
  managementKey: 'The name of another key pair of the same place, which logs in on the hosts to edit them.',
  maxAgeDays: 'The key is rotated by itself when it is older; 0 for never.',
  maxParallelHosts: 'On how many hosts a rotation works at a time.',
  may: 'The rights, or `any`.',
  md5: 'MD5, as `ssh-keygen -l -E md5` prints it.',
  messages: 'In the order in which they were filed.',
  name: 'The name.',
  nearest: 'Grants of the caller’s own, the one that misses least first.',
  nextAgeRotationAt: 'When its key is rotated next because of its age.',
  nextTryAt: 'When it is tried next.',
  noAgeRotation: 'Why its key is not rotated because of its age.',
  notReleased: 'Instances that did not let it go when they were asked to.',
  oldKeyRemoved: 'The old line is off the host.',
  on: 'Where the grant holds.',
  outcome: '`unverified`: it was not reached, or not tried yet.',
  outcomes: 'One for each item, in their order.',
  overlapDays: 'For how long the old key still opens the hosts once the new one counts.',
  ownName:
    'What the own name of the key pair leads to at the cloud, where the policy asks that it leads to the key that counts.',
  parameter: 'A word of the path or the query.',
  places: 'By provider, region and account.',
  pointer: 'RFC 6901, as a URI fragment: a field of the body.',
  policies: 'Each with the key pair that it is for.',
  policy: 'The policy.',
  port: 'The port of its SSH server.',
  previous: 'The digest of the entry before it; empty for the first.',
  privateKey:
    'The private key, in any form that ssh-keygen reads, without a passphrase. It is stored, and in no answer.',
  problem: 'Why it was refused.',
  projectId: 'Of CVM; 0 is the default project.',
  promotedAt: 'When the new key began to count.',
  provider: 'The cloud’s key-pair service.',
  publicKey:
    'One line in OpenSSH’s form, without a comment. In a request: your own RSA key, which is imported in place of one that is made; nobody but you has its private half, and nothing is stored.',
  purgeAt: 'Until then it can be restored; then its pairs and keys are removed for good.',
  queue: 'The name of the queue.',
  reason: 'Why.',
  rebind: 'Whether instances are given the new pair at the cloud, where that has an effect.',
  recordHostKeys: 'Whether the key that a host shows at first is recorded and held against it from then on.',
  references: 'Launch templates and scaling configurations that name the pair.',
  refusal: 'Why it can never succeed.',
  region: 'The provider’s region id; `global` where it has but one.',
  request: 'The id of the request or the message.',
  requests: 'Requests, each as it would be by itself.',
  requestId: "The cloud's id of the request, where it sent one.",
  requestedAt: 'When it was asked for.',
  requestedBy: 'Who asked for it.',
  resourceGroupId: 'Of ECS.',
  retargeted: 'Where the policy asks for it: what names the successor by now, and what does not.',
  retirement: 'Of a key pair that is out of use.',
  retryAfter: 'Seconds after which the same item may be sent again.',
  returned: 'How many times a line that had been removed was there again.',
  right: 'The right.',
  rotations: 'Those that are not over, and the last few that are.',
  secretKey:
    'The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it.',
  secretKeys: 'The keys that a request may name as its `secretKey`, or `any`.',
  secretReference:
    'Where the private key is stored, in the words of the store; absent of a caller’s own key, which is not stored.',
  secretTags:
    'Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags.',
  seenAt: 'When that was looked at.',
  sender: 'Who filed it.',
  seq: 'Counts the entries of a key pair, from 1.',
  sha256: 'SHA-256, as `ssh-keygen -l` prints it.',
  since: 'Since when.',
  sort: 'By which field; `-` for the greatest first. What has no such moment comes last. Without it: by provider, region, account and name.',
  source: '`source` and `id` together are of this event alone.',
  specversion: 'Of CloudEvents.',
  stalledAt: 'Since when it is known that it does not get on by itself.',
  state: 'How far it is.',
  status: 'The HTTP status.',
  stored: 'Whether its private key is stored, or would be.',
  subject: 'The subject of the token.',
  successor: 'The new pair; absent until its key is stored.',
  successorOf: 'Of what a rotation made: the key pair that it belongs to. No list shows it.',
  swept: 'Hosts from which lines of old keys were taken off again, or still have to be.',
  tags: 'Tags, as the provider has them.',
  targets: 'Instances that are hosts because of what they are.',
  title: 'The code in words.',
  tries: 'How often it was handed to a worker.',
  type: 'What kind it is.',
  unaddressed: 'How many have no such address.',
  updateTemplates: 'Whether launch templates and scaling configurations that name the old pair are given the new one.',
  upstreamCode: "The cloud's own code, where it sent one.",
  used: 'How many key pairs the cloud held there when it was last counted, whoever made them.',
  user: 'The account on the host.',
  v: 'Of the form of entries.',
  vendsPerMinute: 'For each caller.',
  version: 'Its number.',
  versions: 'The keys that are stored, the one that counts last.',
  via: 'A jump host.',
  waived: 'The rotation does not wait for it.',
  who: 'Issuer and subject, a role or user of AWS, or a sender; `keyvend` for what it does by itself.',
};

/** Where a name means something of its own: in that schema, or below it. */
const inSchema: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  EnsKeyPairAdoption: {
    publicKey:
      'Where nobody has the private key, and the cloud shows no public one: the public key, which is held against the fingerprint.',
  },
  AccessExplanation: {
    id: 'The grant’s.',
    grant: 'The one that allows it.',
    name: 'Whole names, and prefixes that end in `*`; in `fits`, whether the grant covers the name.',
  },
  Audit: {
    limit: 'Of key pairs.',
    digest: 'Of an entry, or of the last one.',
    seq: 'Counts entries; of a key pair, how many there are.',
  },
  History: { limit: 'Of entries.' },
  Filed: { state: 'What has become of it.' },
  FiledRequest: {
    state: 'What has become of it.',
    keyPair: 'Where the key pair is once it was vended, as `Location` says.',
  },
  KeyPair: {
    id: 'The id of the version or of the rotation.',
    name: 'As it was asked for.',
    host: 'As a rotation lists it: `user@host:port`.',
    code: 'Why.',
    state:
      '`vending`: it is being made. `active`: it exists, and its key is stored. `vacant`: nothing exists. `conflict`: something of the name exists that is not provably keyvend’s. `retired`: out of use, and can be restored. `purging`: it is being removed for good. Of a rotation: how far it is.',
    at: 'When that was.',
    hosts: 'Hosts.',
  },
  Me: {
    id: 'As the trail and `requestedBy` name the caller; of a grant, its id.',
    name: 'Whole names, and prefixes that end in `*`.',
    keyPairs: 'How many there may be by the grant in all.',
    secretKey: 'The key with which secrets are encrypted that are vended by the grant, where the request names none.',
  },
  Message: {
    state: '`buried`: it can never succeed, and stays until somebody puts it back.',
    id: 'Unique within its queue.',
  },
  Problem: { type: '`urn:keyvend:error:` and the code.' },
  Quota: { limit: 'How many key pairs the cloud permits there; absent where no limit is known.' },
  RequestedEvent: { type: 'What it asks for.', id: 'Unique within its source.' },
  Rotation: {
    id: 'Its id; of what names a pair, the id at the cloud.',
    state:
      '`requested`, `staged` (the new key is stored), `rolled-out` (on the hosts), `proven` (by logins), `promoted` (readers get it), `old-key-removed` (no host has the old line), `purged`; or `cancelling` and `cancelled`.',
    reason: 'Whether somebody asked for it or the key was too old.',
    hosts: 'Every host that the policy lists.',
    name: 'Its name at the cloud.',
  },
  VendedKeyPair: {},
  Waiver: { host: '`user@host:port`, as the rotation lists it.', reason: 'Why, for the history of the key pair.' },
  PolicyChange: {
    host: 'A DNS name or an address.',
    tags: 'Instances that have all of these.',
    instances: 'Ids of instances.',
  },
};
const alike: Readonly<Record<string, string>> = {
  EcsKeyPairAdoption: 'EnsKeyPairAdoption',
  CvmKeyPairAdoption: 'EnsKeyPairAdoption',
  Policy: 'PolicyChange',
  PolicyChanges: 'PolicyChange',
  MessagePage: 'Message',
  MessageWithBody: 'Message',
  PolicyOutcomes: 'PolicyChange',
};

/** A schema with a description for each field, in patterns that everybody can compile. Answers may get fields in time, so theirs are open. */
export function withWords(name: string, schema: JsonSchema, io: 'input' | 'output'): JsonSchema {
  const own = inSchema[alike[name] ?? name] ?? {};
  const visit = (one: JsonSchema, field?: string): JsonSchema => {
    const { properties, items, additionalProperties, propertyNames, anyOf, oneOf, ...rest } = portable(one);
    const words = field === undefined ? undefined : (own[field] ?? fields[field]);
    const isMoment =
      io === 'output' && rest.type === 'string' && field !== undefined && /(?:At|^at|^since)$/.test(field);
    return {
      ...rest,
      ...(isMoment && { format: 'date-time' }),
      ...(words !== undefined && { description: words }),
      ...(isSchemas(properties) && {
        properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, visit(value, key)])),
      }),
      ...(isSchema(items) && { items: visit(items) }),
      ...(isSchema(propertyNames) && { propertyNames: visit(propertyNames) }),
      ...(isSchema(additionalProperties) && { additionalProperties: visit(additionalProperties) }),
      ...(additionalProperties === false && io === 'input' && { additionalProperties }),
      ...(Array.isArray(anyOf) && { anyOf: anyOf.map((each) => visit(each as JsonSchema)) }),
      ...(Array.isArray(oneOf) && { oneOf: oneOf.map((each) => visit(each as JsonSchema)) }),
    };
  };
  return visit(schema);
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSchemas = (value: unknown): value is Readonly<Record<string, JsonSchema>> => isSchema(value);
