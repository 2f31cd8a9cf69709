// What the API takes and answers. Written by `npm run docs` from the contract: change that, and not this.

export type Provider = 'ens' | 'ecs' | 'cvm';

export interface AccessAnswer {
  /** Whether a grant allows it. */
  allowed: boolean;
  /** The right. */
  right: 'vend' | 'adopt' | 'read' | 'rotate' | 'policy' | 'waive' | 'cancel' | 'retire' | 'restore' | 'release' | 'use' | 'audit' | 'queue';
  /** The one that allows it. */
  grant?: string | undefined;
  /** Grants of the caller’s own, the one that misses least first. */
  nearest?: Array<{
    /** The grant’s. */
    id: string;
    /** What of the question the grant covers. */
    fits: {
      /** The rights, or `any`. */
      may: boolean;
      /** The cloud’s key-pair service. */
      provider: boolean;
      /** An alias of a cloud account, as the operator configured it. */
      account: boolean;
      /** The provider’s region id; `global` where it has but one. */
      region: boolean;
      /** Whole names, and prefixes that end in `*`; in `fits`, whether the grant covers the name. */
      name: boolean;
    };
    /** The rights, or `any`. */
    may: string[] | 'any';
    /** Where the grant holds. */
    on: {
      /** The cloud’s key-pair service. */
      provider: string[] | 'any';
      /** An alias of a cloud account, as the operator configured it. */
      account: string[] | 'any';
      /** The provider’s region id; `global` where it has but one. */
      region: string[] | 'any';
      /** Whole names, and prefixes that end in `*`; in `fits`, whether the grant covers the name. */
      name: string[] | 'any';
    };
  }> | undefined;
}

export interface AdoptedKeyPair {
  /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
  keyPairId?: string | undefined;
  /** The cloud's own, in lower-case hex with colons. */
  fingerprint: string;
  /** One line in OpenSSH’s form, without a comment. In a request: your own RSA key, which is imported in place of one that is made; nobody but you has its private half, and nothing is stored. */
  publicKey: string;
  /** Whether its private key is stored, or would be. */
  stored: boolean;
  /** Whether this request had it adopted, or would; it may have been adopted before. */
  adopted: boolean;
  /** Looks and proves, and changes nothing. */
  dryRun: boolean;
}

export interface Audit {
  /** Key pairs. */
  keyPairs: Array<{
    /** The cloud’s key-pair service. */
    provider: 'ens' | 'ecs' | 'cvm';
    /** An alias of a cloud account, as the operator configured it. */
    account: string;
    /** The provider’s region id; `global` where it has but one. */
    region: string;
    /** The name. */
    name: string;
    /** Counts entries; of a key pair, how many there are. */
    seq: number;
    /** Of an entry, or of the last one. */
    digest: string;
    /** The newest first. */
    entries: TrailEntry[];
  }>;
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface CvmKeyPairAdoption {
  /** The private key, in any form that ssh-keygen reads, without a passphrase; needed unless `keyless` is true. It is stored, and in no answer. */
  privateKey?: string | undefined;
  /** Beside `keyless`, where the cloud shows no public key: it is held against the fingerprint. */
  publicKey?: string | undefined;
  /** Without its private key, because nobody has it. */
  keyless?: boolean | undefined;
  /** Looks and proves, and changes nothing. */
  dryRun?: boolean | undefined;
  /** Of CVM; 0 is the default project. */
  projectId?: number | undefined;
  /** Tags, as the provider has them. */
  tags?: Record<string, string> | undefined;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
}

export interface CvmKeyPairRequest {
  /** The cloud’s key-pair service. */
  provider: 'cvm';
  /** An alias of a cloud account, as the operator configured it. */
  account?: string | undefined;
  /** The provider’s region id; `global` where it has but one. */
  region: string;
  /** The name. */
  name: string;
  /** Of CVM; 0 is the default project. */
  projectId: number;
  /** Tags, as the provider has them. */
  tags?: Record<string, string> | undefined;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
  /** Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. `adopted`, in answers and events: the pair was there before. In a request, absent for what the deployment does. */
  keySource?: 'create' | 'import' | undefined;
  /** The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`. */
  keyBits?: 2048 | 3072 | 4096 | undefined;
  /** One line in OpenSSH’s form, without a comment. In a request: your own RSA key, which is imported in place of one that is made; nobody but you has its private half, and nothing is stored. */
  publicKey?: string | undefined;
}

export interface EcsKeyPairAdoption {
  /** The private key, in any form that ssh-keygen reads, without a passphrase; needed unless `keyless` is true. It is stored, and in no answer. */
  privateKey?: string | undefined;
  /** Beside `keyless`, where the cloud shows no public key: it is held against the fingerprint. */
  publicKey?: string | undefined;
  /** Without its private key, because nobody has it. */
  keyless?: boolean | undefined;
  /** Looks and proves, and changes nothing. */
  dryRun?: boolean | undefined;
  /** Of ECS. */
  resourceGroupId?: string | undefined;
  /** Tags, as the provider has them. */
  tags?: Record<string, string> | undefined;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
}

export interface EcsKeyPairRequest {
  /** The cloud’s key-pair service. */
  provider: 'ecs';
  /** An alias of a cloud account, as the operator configured it. */
  account?: string | undefined;
  /** The provider’s region id; `global` where it has but one. */
  region: string;
  /** The name. */
  name: string;
  /** Of ECS. */
  resourceGroupId?: string | undefined;
  /** Tags, as the provider has them. */
  tags?: Record<string, string> | undefined;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
  /** Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. `adopted`, in answers and events: the pair was there before. In a request, absent for what the deployment does. */
  keySource?: 'create' | 'import' | undefined;
  /** The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`. */
  keyBits?: 2048 | 3072 | 4096 | undefined;
  /** One line in OpenSSH’s form, without a comment. In a request: your own RSA key, which is imported in place of one that is made; nobody but you has its private half, and nothing is stored. */
  publicKey?: string | undefined;
}

export interface EnsKeyPairAdoption {
  /** The private key, in any form that ssh-keygen reads, without a passphrase; needed unless `keyless` is true. It is stored, and in no answer. */
  privateKey?: string | undefined;
  /** Beside `keyless`, where the cloud shows no public key: it is held against the fingerprint. */
  publicKey?: string | undefined;
  /** Without its private key, because nobody has it. */
  keyless?: boolean | undefined;
  /** Looks and proves, and changes nothing. */
  dryRun?: boolean | undefined;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
}

export interface EnsKeyPairRequest {
  /** The cloud’s key-pair service. */
  provider: 'ens';
  /** An alias of a cloud account, as the operator configured it. */
  account?: string | undefined;
  /** The name. */
  name: string;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
  /** Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. `adopted`, in answers and events: the pair was there before. In a request, absent for what the deployment does. */
  keySource?: 'create' | 'import' | undefined;
  /** The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`. */
  keyBits?: 2048 | 3072 | 4096 | undefined;
  /** One line in OpenSSH’s form, without a comment. In a request: your own RSA key, which is imported in place of one that is made; nobody but you has its private half, and nothing is stored. */
  publicKey?: string | undefined;
}

export interface Filed {
  /** Its id. */
  id: string;
  /** What has become of it. */
  state: 'waiting' | 'in-hand' | 'done' | 'buried';
}

export interface FiledOutcomes {
  /** One for each item, in their order. */
  outcomes: Array<{
    /** The HTTP status. */
    status: number;
    /** Where it is, as the header `Location` of a single request says. */
    location?: string | undefined;
    /** Why it was refused. */
    problem?: Problem | undefined;
    /** Seconds after which the same item may be sent again. */
    retryAfter?: number | undefined;
    /** The id of the request or the message. */
    request?: Filed | undefined;
  }>;
}

export interface FiledStatus {
  /** Its id. */
  id: string;
  /** What has become of it. */
  state: 'waiting' | 'in-hand' | 'done' | 'buried';
  /** When it was filed. */
  filedAt: string;
  /** Where the key pair is once it was vended, as `Location` says. */
  keyPair?: string | undefined;
  /** Why it can never succeed. */
  refusal?: {
    /** Stable, as docs/errors.md lists them. */
    code: string;
    /** What it means, and what to do. */
    detail: string;
    /** Each field of the body that is wrong, by a pointer, and each word of the path or the query, by its name. */
    errors?: Array<{
      /** RFC 6901, as a URI fragment: a field of the body. */
      pointer: string;
      /** What it means, and what to do. */
      detail: string;
    }> | undefined;
  } | undefined;
}

export interface History {
  /** The newest first. */
  entries: TrailEntry[];
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface KeyPair {
  /** The cloud’s key-pair service. */
  provider: 'ens' | 'ecs' | 'cvm';
  /** An alias of a cloud account, as the operator configured it. */
  account: string;
  /** The provider’s region id; `global` where it has but one. */
  region: string;
  /** As it was asked for. */
  name: string;
  /** `vending`: it is being made. `active`: it exists, and its key is stored. `vacant`: nothing exists. `conflict`: something of the name exists that is not provably keyvend’s. `retired`: out of use, and can be restored. `purging`: it is being removed for good. Of a rotation: how far it is. */
  state: 'vending' | 'active' | 'vacant' | 'conflict' | 'retired' | 'purging';
  /** Who asked for it. */
  requestedBy: string;
  /** When it was asked for. */
  requestedAt: string;
  /** Tags, as the provider has them. */
  tags?: Record<string, string> | undefined;
  /** Of ECS. */
  resourceGroupId?: string | undefined;
  /** Of CVM; 0 is the default project. */
  projectId?: number | undefined;
  /** Tags of the secret that the private key is in, beside keyvend’s own and those that the deployment puts on every secret; where the store has tags. */
  secretTags?: Record<string, string> | undefined;
  /** The id, ARN or alias of the key with which the store encrypts the secret, where it is not the deployment’s own; where the store has such keys, and the grant permits it. */
  secretKey?: string | undefined;
  /** The keys that are stored, the one that counts last. */
  versions: Array<{
    /** The id of the version or of the rotation. */
    id: string;
    /** What the cloud calls the pair: not the name that was asked for, where a rotation made it. */
    keyPairName: string;
    /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
    keyPairId?: string | undefined;
    /** Whether it is the one that readers get. */
    current: boolean;
    /** The cloud's own, in lower-case hex with colons. */
    fingerprint: string;
    /** As `ssh-keygen -l` prints them for the stored key. */
    fingerprints: {
      /** MD5, as `ssh-keygen -l -E md5` prints it. */
      md5: string;
      /** SHA-256, as `ssh-keygen -l` prints it. */
      sha256: string;
    };
    /** One line in OpenSSH’s form, without a comment. In a request: your own RSA key, which is imported in place of one that is made; nobody but you has its private half, and nothing is stored. */
    publicKey: string;
    /** Whether what the cloud says of the pair proves that the stored key belongs to it, or only does not contradict it. */
    evidence: 'agrees' | 'unverified';
    /** The cloud sent the private key in another spelling than the one that is stored. */
    keyRewritten?: true | undefined;
    /** Where the private key is stored, in the words of the store; absent of a caller’s own key, and of one that was adopted without it: those are stored nowhere. */
    secretReference?: string | undefined;
    /** Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. `adopted`, in answers and events: the pair was there before. In a request, absent for what the deployment does. */
    keySource: 'create' | 'import' | 'caller' | 'adopted';
    /** The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`. */
    keyBits: number;
    /** The cloud's own id of the request that made the pair, for its support; absent where that answer was lost. */
    createRequestId?: string | undefined;
    /** Since when readers get it. */
    activatedAt: string;
  }>;
  /** Those that are not over, and the last few that are. */
  rotations: Array<{
    /** The id of the version or of the rotation. */
    id: string;
    /** `vending`: it is being made. `active`: it exists, and its key is stored. `vacant`: nothing exists. `conflict`: something of the name exists that is not provably keyvend’s. `retired`: out of use, and can be restored. `purging`: it is being removed for good. Of a rotation: how far it is. */
    state: 'requested' | 'staged' | 'rolled-out' | 'proven' | 'promoted' | 'old-key-removed' | 'purged' | 'cancelling' | 'cancelled';
  }>;
  /** When its key is rotated next because of its age. */
  nextAgeRotationAt?: string | undefined;
  /** Why its key is not rotated because of its age. */
  noAgeRotation?: 'off' | 'under-way' | 'undone' | 'lingering' | 'retired' | 'not-in-use' | 'successor' | undefined;
  /** Old pairs, off the hosts, that the cloud does not let go. */
  lingering?: Array<{
    /** The id of the version or of the rotation. */
    id: string;
    /** What the cloud calls the pair: not the name that was asked for, where a rotation made it. */
    keyPairName: string;
    /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
    keyPairId?: string | undefined;
    /** Since when. */
    since: string;
    /** Why. */
    code: string;
    /** Ids of instances; the first of them, where there are many. */
    instances: string[];
    /** How many there are in all. */
    count: number;
    /** Instances that did not let it go when they were asked to. */
    notReleased?: string[] | undefined;
    /** Launch templates and scaling configurations that name the pair. */
    references?: Reference[] | undefined;
    /** When that was looked at. */
    seenAt: string;
    /** When it is tried next. */
    nextTryAt: string;
  }> | undefined;
  /** Hosts from which lines of old keys were taken off again, or still have to be. */
  swept?: Array<{
    /** As a rotation lists it: `user@host:port`. */
    host: string;
    /** `unverified`: it was not reached, or not tried yet. */
    outcome: 'ok' | 'failed' | 'unverified';
    /** Why. */
    code?: string | undefined;
    /** When that was. */
    at?: string | undefined;
    /** How many times a line that had been removed was there again. */
    returned: number;
  }> | undefined;
  /** What the own name of the key pair leads to at the cloud, where the policy asks that it leads to the key that counts. */
  ownName?: OwnName | undefined;
  /** Of what a rotation made: the key pair that it belongs to. No list shows it. */
  successorOf?: string | undefined;
  /** Of a key pair that is out of use. */
  retirement?: {
    /** Who asked for it. */
    requestedBy: string;
    /** When it was asked for. */
    requestedAt: string;
    /** Until then it can be restored; then its pairs and keys are removed for good. */
    purgeAt: string;
    /** Why it was not purged when it was due. It can still be restored. */
    held?: {
      /** Why. */
      code: string;
      /** Ids of instances; the first of them, where there are many. */
      instances: string[];
      /** How many there are in all. */
      count: number;
      /** When that was looked at. */
      seenAt: string;
    } | undefined;
  } | undefined;
}

export interface KeyPairs {
  /** Key pairs. */
  keyPairs: KeyPair[];
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface Me {
  /** As the trail and `requestedBy` name the caller; of a grant, its id. */
  id: string;
  /** The name that the access document has for whoever issued the token. */
  issuer?: string | undefined;
  /** The subject of the token. */
  subject?: string | undefined;
  /** The grants of the access document that are the caller’s; absent where there is no document and every valid token may do everything. */
  grants?: Array<{
    /** As the trail and `requestedBy` name the caller; of a grant, its id. */
    id: string;
    /** The rights, or `any`. */
    may: string[] | 'any';
    /** Where the grant holds. */
    on: {
      /** The cloud’s key-pair service. */
      provider: string[] | 'any';
      /** An alias of a cloud account, as the operator configured it. */
      account: string[] | 'any';
      /** The provider’s region id; `global` where it has but one. */
      region: string[] | 'any';
      /** Whole names, and prefixes that end in `*`. */
      name: string[] | 'any';
    };
    /** How many key pairs the grant is good for. */
    limits?: {
      /** For each caller. */
      vendsPerMinute?: number | undefined;
      /** How many there may be by the grant in all. */
      keyPairs?: number | undefined;
    } | undefined;
    /** The key with which secrets are encrypted that are vended by the grant, where the request names none. */
    secretKey?: string | undefined;
    /** The keys that a request may name as its `secretKey`, or `any`. */
    secretKeys?: string[] | 'any' | undefined;
  }> | undefined;
  /** What this deployment serves besides what each does. */
  has: Array<'inbox'>;
}

export interface Message {
  /** The name of the queue. */
  queue: string;
  /** Unique within its queue. */
  id: string;
  /** `buried`: it can never succeed, and stays until somebody puts it back. */
  state: 'waiting' | 'in-hand' | 'buried' | 'done';
  /** When it was filed. */
  filedAt: string;
  /** How often it was handed to a worker. */
  tries: number;
  /** When it is tried next. */
  nextTryAt?: string | undefined;
  /** Who filed it. */
  sender: string;
  /** Why it can never succeed. */
  refusal?: {
    /** Stable, as docs/errors.md lists them. */
    code: string;
    /** What it means, and what to do. */
    detail: string;
    /** Each field of the body that is wrong, by a pointer, and each word of the path or the query, by its name. */
    errors?: Array<{
      /** RFC 6901, as a URI fragment: a field of the body. */
      pointer: string;
      /** What it means, and what to do. */
      detail: string;
    }> | undefined;
  } | undefined;
}

export interface Messages {
  /** In the order in which they were filed. */
  messages: Message[];
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface MessageWithBody {
  /** The name of the queue. */
  queue: string;
  /** Unique within its queue. */
  id: string;
  /** `buried`: it can never succeed, and stays until somebody puts it back. */
  state: 'waiting' | 'in-hand' | 'buried' | 'done';
  /** When it was filed. */
  filedAt: string;
  /** How often it was handed to a worker. */
  tries: number;
  /** When it is tried next. */
  nextTryAt?: string | undefined;
  /** Who filed it. */
  sender: string;
  /** Why it can never succeed. */
  refusal?: {
    /** Stable, as docs/errors.md lists them. */
    code: string;
    /** What it means, and what to do. */
    detail: string;
    /** Each field of the body that is wrong, by a pointer, and each word of the path or the query, by its name. */
    errors?: Array<{
      /** RFC 6901, as a URI fragment: a field of the body. */
      pointer: string;
      /** What it means, and what to do. */
      detail: string;
    }> | undefined;
  } | undefined;
  /** As it was filed, in whatever words its sender chose. */
  body: string;
  /** The key pair. */
  keyPair?: {
    /** The cloud’s key-pair service. */
    provider: 'ens' | 'ecs' | 'cvm';
    /** An alias of a cloud account, as the operator configured it. */
    account: string;
    /** The provider’s region id; `global` where it has but one. */
    region: string;
    /** The name. */
    name: string;
  } | undefined;
}

export interface OwnName {
  /** The id of the version that the name leads to; absent while none of its pairs has it. */
  leadsTo?: string | undefined;
  /** Whether it is the one that readers get. */
  current: boolean;
  /** Stable, as docs/errors.md lists them. */
  code?: string | undefined;
  /** Ids of instances; the first of them, where there are many. */
  instances?: string[] | undefined;
  /** How many there are in all. */
  count?: number | undefined;
  /** When that was looked at. */
  seenAt?: string | undefined;
  /** When it is tried next. */
  nextTryAt?: string | undefined;
}

export interface Policy {
  /** The key is rotated by itself when it is older; 0 for never. */
  maxAgeDays: number;
  /** For how long the old key still opens the hosts once the new one counts. */
  overlapDays: number;
  /** The hosts that the key opens. */
  hosts: Array<{
    /** A DNS name or an address. */
    host: string;
    /** The port of its SSH server. */
    port: number;
    /** The account on the host. */
    user: string;
    /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
    hostKeys: string[];
    /** A jump host. */
    via?: {
      /** A DNS name or an address. */
      host: string;
      /** The port of its SSH server. */
      port: number;
      /** The account on the host. */
      user: string;
      /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
      hostKeys: string[];
    } | undefined;
  }>;
  /** The share of hosts that has to be done before a new key counts. */
  coverage: number;
  /** On how many hosts a rotation works at a time. */
  maxParallelHosts: number;
  /** Whether the key that a host shows at first is recorded and held against it from then on. */
  recordHostKeys: boolean;
  /** Whether instances are given the new pair at the cloud, where that has an effect. */
  rebind?: boolean | undefined;
  /** Whether launch templates and scaling configurations that name the old pair are given the new one. */
  updateTemplates?: boolean | undefined;
  /** Whether the own name of the key pair leads to the key that counts after each rotation. */
  keepName?: boolean | undefined;
  /** Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. `adopted`, in answers and events: the pair was there before. In a request, absent for what the deployment does. */
  keySource?: 'create' | 'import' | undefined;
  /** The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`. */
  keyBits?: 2048 | 3072 | 4096 | undefined;
  /** The name of another key pair of the same place, which logs in on the hosts to edit them. */
  managementKey?: string | undefined;
  /** Instances that are hosts because of what they are. */
  targets?: Array<{
    /** Instances that have all of these. */
    tags?: Record<string, string> | undefined;
    /** Ids of instances. */
    instances?: string[] | undefined;
    /** Instances that the cloud has the key pair attached to. */
    attached?: true | undefined;
    /** Which of the addresses of an instance is connected to. */
    addresses: 'private' | 'public';
    /** The port of its SSH server. */
    port: number;
    /** The account on the host. */
    user: string;
    /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
    hostKeys: string[];
    /** A jump host. */
    via?: {
      /** A DNS name or an address. */
      host: string;
      /** The port of its SSH server. */
      port: number;
      /** The account on the host. */
      user: string;
      /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
      hostKeys: string[];
    } | undefined;
  }> | undefined;
  /** What the targets last found. */
  found?: {
    /** When that was looked at. */
    seenAt: string;
    /** The hosts that the key opens. */
    hosts: number;
    /** How many have no such address. */
    unaddressed: number;
    /** Instances that were not found the time before. */
    came: string[];
    /** What is left, or gone. */
    left: string[];
    /** When other hosts were last found than the time before. */
    changedAt: string;
  } | undefined;
  /** Fields that go beyond what are the bounds by now, and apply at the bound. */
  clamped?: string[] | undefined;
  /** Of a policy that lists hosts while older keys are still stored: which of them a host may know to be caught up. */
  lateHosts?: {
    /** What it means, and what to do. */
    detail: string;
    /** The one that counts first. */
    keys: Array<{
      /** What the cloud calls the pair: not the name that was asked for, where a rotation made it. */
      keyPairName: string;
      /** The cloud's own, in lower-case hex with colons. */
      fingerprint: string;
      /** Whether it is the key that readers get. */
      counts: boolean;
    }>;
  } | undefined;
}

export interface PolicyChange {
  /** The key is rotated by itself when it is older; 0 for never. */
  maxAgeDays?: number | undefined;
  /** For how long the old key still opens the hosts once the new one counts. */
  overlapDays?: number | undefined;
  /** The hosts that the key opens. */
  hosts?: Array<{
    /** A DNS name or an address. */
    host: string;
    /** The port of its SSH server. */
    port?: number | undefined;
    /** The account on the host. */
    user: string;
    /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
    hostKeys?: string[] | undefined;
    /** A jump host. */
    via?: {
      /** A DNS name or an address. */
      host: string;
      /** The port of its SSH server. */
      port?: number | undefined;
      /** The account on the host. */
      user: string;
      /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
      hostKeys: string[];
    } | undefined;
  }> | undefined;
  /** The share of hosts that has to be done before a new key counts. */
  coverage?: number | undefined;
  /** On how many hosts a rotation works at a time. */
  maxParallelHosts?: number | undefined;
  /** Whether the key that a host shows at first is recorded and held against it from then on. */
  recordHostKeys?: boolean | undefined;
  /** Whether instances are given the new pair at the cloud, where that has an effect. */
  rebind?: boolean | undefined;
  /** Whether launch templates and scaling configurations that name the old pair are given the new one. */
  updateTemplates?: boolean | undefined;
  /** Whether the own name of the key pair leads to the key that counts after each rotation. */
  keepName?: boolean | undefined;
  /** Who makes the key. `create`: the cloud, which hands it out once. `import`: keyvend, which stores it before the cloud imports its public half. `caller`: whoever asked, who named the public half and alone has the private one. `adopted`, in answers and events: the pair was there before. In a request, absent for what the deployment does. */
  keySource?: 'create' | 'import' | undefined;
  /** The size of an RSA key in bits, as `ssh-keygen -l` counts. In a request: of a key that keyvend makes; beside `keySource` `import`. */
  keyBits?: 2048 | 3072 | 4096 | undefined;
  /** The name of another key pair of the same place, which logs in on the hosts to edit them. */
  managementKey?: string | undefined;
  /** Instances that are hosts because of what they are. */
  targets?: Array<{
    /** Instances that have all of these. */
    tags?: Record<string, string> | undefined;
    /** Ids of instances. */
    instances?: string[] | undefined;
    /** Instances that the cloud has the key pair attached to. */
    attached?: true | undefined;
    /** Which of the addresses of an instance is connected to. */
    addresses?: 'private' | 'public' | undefined;
    /** The port of its SSH server. */
    port?: number | undefined;
    /** The account on the host. */
    user: string;
    /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
    hostKeys?: string[] | undefined;
    /** A jump host. */
    via?: {
      /** A DNS name or an address. */
      host: string;
      /** The port of its SSH server. */
      port?: number | undefined;
      /** The account on the host. */
      user: string;
      /** Fingerprints as `ssh-keygen -l` prints them, or public keys of the host. */
      hostKeys: string[];
    } | undefined;
  }> | undefined;
}

export interface PolicyOutcomes {
  /** One for each item, in their order. */
  outcomes: Array<{
    /** The HTTP status. */
    status: number;
    /** Where it is, as the header `Location` of a single request says. */
    location?: string | undefined;
    /** Why it was refused. */
    problem?: Problem | undefined;
    /** Seconds after which the same item may be sent again. */
    retryAfter?: number | undefined;
    /** The policy. */
    policy?: Policy | undefined;
  }>;
}

export interface Problem {
  /** `urn:keyvend:error:` and the code. */
  type: string;
  /** The code in words. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What it means, and what to do. */
  detail: string;
  /** Stable, as docs/errors.md lists them. */
  code: string;
  /** The cloud's own code, where it sent one. */
  upstreamCode?: string | undefined;
  /** The cloud's id of the request, where it sent one. */
  requestId?: string | undefined;
  /** Each field of the body that is wrong, by a pointer, and each word of the path or the query, by its name. */
  errors?: Array<{
    /** RFC 6901, as a URI fragment: a field of the body. */
    pointer: string;
    /** What it means, and what to do. */
    detail: string;
  } | {
    /** A word of the path or the query. */
    parameter: string;
    /** What it means, and what to do. */
    detail: string;
  }> | undefined;
}

export interface Quota {
  /** By provider, region and account. */
  places: Array<{
    /** The cloud’s key-pair service. */
    provider: 'ens' | 'ecs' | 'cvm';
    /** An alias of a cloud account, as the operator configured it. */
    account: string;
    /** The provider’s region id; `global` where it has but one. */
    region: string;
    /** How many key pairs the cloud held there when it was last counted, whoever made them. */
    used?: number | undefined;
    /** How many key pairs the cloud permits there; absent where no limit is known. */
    limit?: number | undefined;
  }>;
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface Reference {
  /** What names the pair. */
  kind: 'launch-template' | 'scaling-configuration' | 'launch-configuration';
  /** Its id. */
  id: string;
  /** The name. */
  name?: string | undefined;
  /** Its number. */
  version?: number | undefined;
  /** Whether it is the default version. */
  isDefault?: boolean | undefined;
  /** Whether it names the pair by its name or by its id. */
  by: 'name' | 'id';
}

export interface Release {
  /** Its id. */
  id: string;
  /** What the cloud calls the pair: not the name that was asked for, where a rotation made it. */
  keyPairName: string;
  /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
  keyPairId?: string | undefined;
  /** Ids of instances; the first of them, where there are many. */
  instances: string[];
  /** What detaching does to an instance of this provider. */
  effect: string;
  /** What to send to have exactly this done. */
  confirmation?: string | undefined;
  /** Whether the confirmation was sent: the worker carries it out. */
  confirmed: boolean;
}

export interface Rotation {
  /** Its id; of what names a pair, the id at the cloud. */
  id: string;
  /** `requested`, `staged` (the new key is stored), `rolled-out` (on the hosts), `proven` (by logins), `promoted` (readers get it), `old-key-removed` (no host has the old line), `purged`; or `cancelling` and `cancelled`. */
  state: 'requested' | 'staged' | 'rolled-out' | 'proven' | 'promoted' | 'old-key-removed' | 'purged' | 'cancelling' | 'cancelled';
  /** Who carries it out until the new key counts: keyvend, or a rotation schedule of AWS Secrets Manager. */
  driver: 'keyvend' | 'secrets-manager';
  /** Whether somebody asked for it or the key was too old. */
  reason: 'requested' | 'age';
  /** Who asked for it. */
  requestedBy: string;
  /** When it was asked for. */
  requestedAt: string;
  /** The pair that it replaces. */
  from: {
    /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
    keyPairId?: string | undefined;
    /** The cloud's own, in lower-case hex with colons. */
    fingerprint: string;
  };
  /** The new pair; absent until its key is stored. */
  successor?: {
    /** What the cloud calls the pair: not the name that was asked for, where a rotation made it. */
    keyPairName: string;
    /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
    keyPairId?: string | undefined;
    /** The cloud's own, in lower-case hex with colons. */
    fingerprint: string;
  } | undefined;
  /** Every host that the policy lists. */
  hosts: Array<{
    /** A host, as a policy or a rotation lists it. */
    host: string;
    /** `unverified`: it was not reached, or not tried yet. */
    outcome: 'ok' | 'failed' | 'unverified';
    /** Stable, as docs/errors.md lists them. */
    code?: string | undefined;
    /** The rotation does not wait for it. */
    waived?: boolean | undefined;
    /** The old line is off the host. */
    oldKeyRemoved?: boolean | undefined;
  }>;
  /** How many tries have failed since the last one that did not. */
  failures: number;
  /** What failed last, while it is not over. */
  lastError?: {
    /** Stable, as docs/errors.md lists them. */
    code: string;
    /** What it means, and what to do. */
    detail: string;
    /** When it happened. */
    at: string;
  } | undefined;
  /** When it is tried next. */
  nextTryAt?: string | undefined;
  /** Since when it is known that it does not get on by itself. */
  stalledAt?: string | undefined;
  /** Launch templates and scaling configurations that name the pair. */
  references?: Reference[] | undefined;
  /** Where the policy asks for it: what names the successor by now, and what does not. */
  retargeted?: {
    /** What names the successor by now. */
    done: string[];
    /** What is left, or gone. */
    left: Array<{
      /** What names the pair. */
      kind: 'launch-template' | 'scaling-configuration' | 'launch-configuration';
      /** Its id; of what names a pair, the id at the cloud. */
      id: string;
      /** Its name at the cloud. */
      name?: string | undefined;
      /** Its number. */
      version?: number | undefined;
      /** Whether it is the default version. */
      isDefault?: boolean | undefined;
      /** Whether it names the pair by its name or by its id. */
      by: 'name' | 'id';
      /** Stable, as docs/errors.md lists them. */
      code?: string | undefined;
    }>;
  } | undefined;
  /** When the new key began to count. */
  promotedAt?: string | undefined;
  /** When it was over. */
  endedAt?: string | undefined;
}

export interface TrailEntry {
  /** Of the form of entries. */
  v: 1;
  /** Counts the entries of a key pair, from 1. */
  seq: number;
  /** When it happened. */
  at: string;
  /** Which way the request came in. */
  door: 'http' | 'queue' | 'command-line' | 'schedule' | 'secrets-manager';
  /** Issuer and subject, a role or user of AWS, or a sender; `keyvend` for what it does by itself. */
  who: string;
  /** The id of the request or the message. */
  request?: string | undefined;
  /** Why. */
  reason?: string | undefined;
  /** The grant that allowed it. */
  grant?: string | undefined;
  /** The digest of the access document that had the grant. */
  document?: string | undefined;
  /** What was done. */
  did: string;
  /** What changed, as it was before that. */
  before: Record<string, string | number | boolean>;
  /** What changed, as it is after that. */
  after: Record<string, string | number | boolean>;
  /** The digest of the entry before it; empty for the first. */
  previous: string;
  /** SHA-256 of the entry, in hex: docs/access.md says how it is made. */
  digest: string;
}

export interface VendOutcomes {
  /** One for each item, in their order. */
  outcomes: Array<{
    /** The HTTP status. */
    status: number;
    /** Where it is, as the header `Location` of a single request says. */
    location?: string | undefined;
    /** Why it was refused. */
    problem?: Problem | undefined;
    /** Seconds after which the same item may be sent again. */
    retryAfter?: number | undefined;
    /** The key pair. */
    keyPair?: VendedKeyPair | undefined;
  }>;
}

export interface VendedKeyPair {
  /** The cloud's id of the pair; absent where it tells none, as ECS does of one that was imported. */
  keyPairId?: string | undefined;
  /** The cloud's own, in lower-case hex with colons. */
  fingerprint: string;
}

export interface ListQuery {
  /** The cloud’s key-pair service. */
  provider?: 'ens' | 'ecs' | 'cvm' | undefined;
  /** The provider’s region id; `global` where it has but one. */
  region?: string | undefined;
  /** How far it is. */
  state?: 'vending' | 'active' | 'vacant' | 'conflict' | 'retired' | 'purging' | undefined;
  /** The name. */
  name?: string | undefined;
  /** Who asked for it. */
  requestedBy?: string | undefined;
  /** Only those whose current key has counted since before this moment. */
  activatedBefore?: string | undefined;
  /** By which field; `-` for the greatest first. What has no such moment comes last. Without it: by provider, region, account and name. */
  sort?: 'name' | '-name' | 'requestedAt' | '-requestedAt' | 'activatedAt' | '-activatedAt' | 'nextAgeRotationAt' | '-nextAgeRotationAt' | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface MessagesQuery {
  /** The name of the queue. */
  queue?: string | undefined;
  /** How far it is. */
  state?: 'waiting' | 'in-hand' | 'buried' | 'done' | undefined;
  /** How many at most. */
  limit?: number | undefined;
  /** Where the next page begins; absent from the last one. Good for the same query only. */
  cursor?: string | undefined;
}

export interface AccessQuery {
  /** The right. */
  right: 'vend' | 'adopt' | 'read' | 'rotate' | 'policy' | 'waive' | 'cancel' | 'retire' | 'restore' | 'release' | 'use' | 'audit' | 'queue';
  /** The cloud’s key-pair service. */
  provider: 'ens' | 'ecs' | 'cvm';
  /** The provider’s region id; `global` where it has but one. */
  region?: string | undefined;
  /** An alias of a cloud account, as the operator configured it. */
  account?: string | undefined;
  /** The name. */
  name: string;
}

export type VendRequest = EnsKeyPairRequest | EcsKeyPairRequest | CvmKeyPairRequest;
export type Adoption = EnsKeyPairAdoption | EcsKeyPairAdoption | CvmKeyPairAdoption;
/** What a key pair is asked for with; `tags`, `projectId` and `resourceGroupId` are some providers’ alone. */
export type VendFields = Omit<EnsKeyPairRequest, 'provider'> | Omit<EcsKeyPairRequest, 'provider'> | Omit<CvmKeyPairRequest, 'provider'>;

/** A policy, and the key pair that it is for. */
export interface PolicyOf {
  provider: Provider;
  region?: string | undefined;
  account?: string | undefined;
  name: string;
  policy: PolicyChange;
}

export interface PageQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}
export interface PlaceQuery extends PageQuery {
  provider?: Provider | undefined;
  region?: string | undefined;
}
