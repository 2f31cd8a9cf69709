// A STAND-IN for AWS Secrets Manager: the rules of its documentation, as strictly as it states them, and nothing of AWS
// itself. It proves that the adapter keeps to what is documented; that AWS does too is for a live account to show.
// Source: AWS Secrets Manager API Reference (2017-10-17), each action's page; User Guide, "Quotas".
import { randomBytes } from 'node:crypto';

export class Refusal extends Error {
  readonly type: string;
  constructor(type: string) {
    super(type);
    this.type = type;
  }
}
const refuse = (type: string): never => {
  throw new Refusal(type);
};
const invalid = () => refuse('InvalidParameterException');

interface Version {
  /** Absent until a rotation's new version is put. */
  text?: string;
  readonly stages: Set<string>;
  readonly createdS: number;
}
interface Held {
  readonly arn: string;
  readonly name: string;
  kmsKeyId?: string;
  readonly description: string;
  tags: { Key: string; Value: string }[];
  deletedDate?: number;
  rotates?: true;
  readonly versions: Map<string, Version>;
}
// biome-ignore lint/suspicious/noExplicitAny: it is what came over the wire; the rules below look at it
type Input = any;

const DAY_S = 24 * 60 * 60;
const MOST_VERSIONS = 100;
const MOST_TAGS = 50;
const ACCOUNT_KEY = 'alias/aws/secretsmanager';
const token = (value: unknown): string => (/^[^\s]{32,64}$/.test(String(value)) ? String(value) : invalid());
const text = (value: unknown): string =>
  typeof value === 'string' && value.length > 0 && Buffer.byteLength(value) <= 65_536 ? value : invalid();
/** General Reference, "Tag restrictions"; `aws:` is reserved. */
const isTag = ({ Key, Value }: { Key: string; Value: string }) =>
  /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value);

export class Rules {
  readonly held = new Map<string, Held>();
  /** What the pages leave open, and either may be so. */
  readonly open = {
    /** PutSecretValue to the version that a rotation made takes the labels off that it had. */
    putReplacesLabels: false,
  };
  /** Keys of KMS by whatever they may be named; any is there where none is listed. */
  readonly kmsKeys = new Set<string>();
  readonly #nowS: () => number;
  constructor(nowS: () => number) {
    this.#nowS = nowS;
  }

  /** @returns the answer's fields @throws {Refusal} */
  act(action: string, input: Input): object {
    const actions: Record<string, (input: Input) => object> = {
      CreateSecret: (i) => this.#create(i),
      PutSecretValue: (i) => this.#put(i),
      GetSecretValue: (i) => this.#get(i),
      DescribeSecret: ({ SecretId }) => this.#shown(this.#find(SecretId), 'VersionIdsToStages'),
      UpdateSecretVersionStage: (i) => this.#move(i),
      DeleteSecret: (i) => this.#delete(i),
      RestoreSecret: (i) => this.#restore(i),
      TagResource: (i) => this.#tag(i),
      UpdateSecret: (i) => this.#update(i),
      ListSecrets: (i) => this.#list(i),
      ListSecretVersionIds: (i) => this.#versions(i),
    };
    return (actions[action] ?? (() => refuse('UnknownOperationException')))(input);
  }

  /** RotateSecret with `RotateImmediately: false`: the version is there while testSecret runs, and then it is taken away. */
  async triesRotation(secretId: string, versionId: string, test: (arn: string) => Promise<unknown>): Promise<void> {
    const arn = this.beginRotation(secretId, versionId);
    try {
      await test(arn);
    } finally {
      this.#usable(secretId).versions.delete(versionId);
    }
  }

  /** What AWS does when a rotation starts, before it calls the rotation function: the new version, without a value. */
  beginRotation(secretId: string, versionId: string): string {
    const secret = this.#usable(secretId);
    if ([...secret.versions.values()].some(({ stages }) => stages.has('AWSPENDING'))) refuse('InvalidRequestException');
    secret.rotates = true;
    secret.versions.set(versionId, { stages: new Set(['AWSPENDING']), createdS: this.#nowS() });
    return secret.arn;
  }

  #find(id: unknown): Held {
    const found = [...this.held.values()].find(({ arn, name }) => arn === id || name === id);
    return found ?? refuse('ResourceNotFoundException');
  }

  #usable(id: unknown): Held {
    const secret = this.#find(id);
    return secret.deletedDate === undefined ? secret : refuse('InvalidRequestException');
  }

  #create({ Name, ClientRequestToken, SecretString, Tags = [], KmsKeyId, Description = '' }: Input): object {
    // A name like an ARN's end is only advised against; here it is refused, so that we never make one.
    if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(Name) || /-.{6}$/.test(Name) || Description.length > 2_048) invalid();
    if (!Tags.every(isTag) || new Set(Tags.map(({ Key }: { Key: string }) => Key)).size !== Tags.length) invalid();
    const id = token(ClientRequestToken);
    const standing = this.held.get(Name);
    if (standing?.deletedDate !== undefined) refuse('InvalidRequestException');
    if (standing !== undefined) {
      const same = SecretString !== undefined && standing.versions.get(id)?.text === SecretString;
      return same ? this.#named(standing, id) : refuse('ResourceExistsException');
    }
    this.#assertKey(KmsKeyId);
    const arn = `arn:aws:secretsmanager:us-east-1:123456789012:secret:${Name}-${randomBytes(3).toString('hex')}`;
    const secret: Held = {
      arn,
      name: Name,
      kmsKeyId: KmsKeyId,
      description: Description,
      tags: Tags,
      versions: new Map(),
    };
    if (SecretString !== undefined) {
      secret.versions.set(id, {
        text: text(SecretString),
        stages: new Set(['AWSCURRENT']),
        createdS: this.#nowS(),
      });
    }
    this.held.set(Name, secret);
    return this.#named(secret, SecretString === undefined ? undefined : id);
  }

  #put({ SecretId, ClientRequestToken, SecretString, VersionStages = ['AWSCURRENT'] }: Input): object {
    const secret = this.#usable(SecretId);
    const id = token(ClientRequestToken);
    const standing = secret.versions.get(id);
    if (standing?.text !== undefined && standing.text !== SecretString) refuse('ResourceExistsException');
    if (standing?.text === undefined) {
      if (VersionStages.length < 1 || VersionStages.length > 20) invalid();
      const first = ![...secret.versions.values()].some(({ stages }) => stages.has('AWSCURRENT'));
      const labels = [...secret.versions.values()].flatMap(({ stages }) => [...stages]).length;
      if (labels + VersionStages.length > 20) refuse('LimitExceededException');
      this.#clearAway(secret);
      if (standing === undefined && secret.versions.size >= MOST_VERSIONS) refuse('LimitExceededException');
      const stages = this.open.putReplacesLabels ? undefined : standing?.stages;
      const createdS = standing?.createdS ?? this.#nowS();
      secret.versions.set(id, { text: text(SecretString), stages: stages ?? new Set(), createdS });
      for (const stage of [...VersionStages, ...(first && secret.versions.size === 1 ? ['AWSCURRENT'] : [])]) {
        this.#attach(secret, stage, id);
      }
    }
    return { ...this.#named(secret, id), VersionStages: [...secret.versions.get(id)!.stages] };
  }

  /** Of more than a hundred, the oldest without a label; but none of the last 24 hours. */
  #clearAway({ versions }: Held): void {
    for (const [id, { stages, createdS }] of versions)
      if (versions.size >= MOST_VERSIONS && stages.size === 0 && createdS <= this.#nowS() - DAY_S) versions.delete(id);
  }

  #versions({ SecretId, IncludeDeprecated = false, MaxResults = 100, NextToken = '0' }: Input): object {
    if (MaxResults < 1 || MaxResults > 100) invalid();
    const secret = this.#find(SecretId);
    const all = [...secret.versions].filter(([, { stages }]) => IncludeDeprecated || stages.size > 0);
    const end = Number(NextToken) + MaxResults;
    const Versions = all.slice(Number(NextToken), end).map(([VersionId, { stages, createdS: CreatedDate }]) => ({
      ...{ VersionId, CreatedDate },
      ...(stages.size > 0 && { VersionStages: [...stages] }),
    }));
    return { ...this.#named(secret), Versions, ...(end < all.length && { NextToken: String(end) }) };
  }

  /** A label is on one version only; AWSPREVIOUS goes to where AWSCURRENT comes from. */
  #attach(secret: Held, stage: string, id: string): void {
    const from = [...secret.versions].find(([, { stages }]) => stages.has(stage));
    from?.[1].stages.delete(stage);
    if (stage === 'AWSCURRENT' && from !== undefined) this.#attach(secret, 'AWSPREVIOUS', from[0]);
    secret.versions.get(id)!.stages.add(stage);
    if (stage === 'AWSCURRENT') secret.versions.get(id)!.stages.delete('AWSPREVIOUS');
  }

  #get({ SecretId, VersionId, VersionStage = VersionId === undefined ? 'AWSCURRENT' : undefined }: Input): object {
    const secret = this.#usable(SecretId);
    const [id, version] =
      [...secret.versions].find(
        ([id, { text, stages }]) =>
          text !== undefined && (VersionId ?? id) === id && (VersionStage === undefined || stages.has(VersionStage)),
      ) ?? refuse('ResourceNotFoundException');
    return { ...this.#named(secret, id), SecretString: version.text, VersionStages: [...version.stages] };
  }

  #move({ SecretId, VersionStage, RemoveFromVersionId: from, MoveToVersionId: to }: Input): object {
    const secret = this.#usable(SecretId);
    const holder = [...secret.versions].find(([, { stages }]) => stages.has(VersionStage))?.[0];
    if (VersionStage.length > 256 || (from ?? to) === undefined || from !== holder) invalid();
    if (to !== undefined && !secret.versions.has(to)) invalid();
    if (to === undefined && VersionStage === 'AWSCURRENT') invalid(); // it can only be moved
    if (to === undefined) secret.versions.get(from)!.stages.delete(VersionStage);
    else this.#attach(secret, VersionStage, to);
    const labels = [...secret.versions.values()].flatMap(({ stages }) => [...stages]).length;
    if (labels > 20) refuse('LimitExceededException');
    return this.#named(secret);
  }

  #delete({ SecretId, RecoveryWindowInDays = 30, ForceDeleteWithoutRecovery }: Input): object {
    const secret = this.#usable(SecretId);
    if (ForceDeleteWithoutRecovery) throw new TypeError('a private key is never deleted for good');
    if (RecoveryWindowInDays < 7 || RecoveryWindowInDays > 30) invalid();
    secret.deletedDate = this.#nowS() + RecoveryWindowInDays * DAY_S;
    return { ...this.#named(secret), DeletionDate: secret.deletedDate };
  }

  #restore({ SecretId }: Input): object {
    const secret = this.#find(SecretId);
    delete secret.deletedDate;
    return this.#named(secret);
  }

  /** Overwrites tags of the same key. */
  #tag({ SecretId, Tags }: Input): object {
    const secret = this.#usable(SecretId);
    if (!Array.isArray(Tags) || !Tags.every(isTag)) invalid();
    const others = secret.tags.filter(({ Key }) => !Tags.some((tag: Input) => tag.Key === Key));
    if (others.length + Tags.length > MOST_TAGS) invalid();
    secret.tags = [...others, ...Tags];
    return {};
  }

  /** Without a value it makes no version. */
  #update({ SecretId, SecretString, KmsKeyId }: Input): object {
    if (SecretString !== undefined) throw new TypeError('a private key comes in by PutSecretValue alone');
    const secret = this.#usable(SecretId);
    this.#assertKey(KmsKeyId);
    secret.kmsKeyId = KmsKeyId;
    return this.#named(secret);
  }

  #assertKey(key: string | undefined): void {
    const isThere = key === undefined || key === ACCOUNT_KEY || this.kmsKeys.size === 0 || this.kmsKeys.has(key);
    if (!isThere) refuse('EncryptionFailure');
  }

  #list({ MaxResults = 100, NextToken, Filters = [], IncludePlannedDeletion = false }: Input): object {
    if (MaxResults < 1 || MaxResults > 100) invalid();
    if (Filters.some((f: Input) => f.Values.some((v: string) => !/^!?[a-zA-Z0-9 :_@/+=.\-!]{0,511}$/.test(v))))
      invalid();
    if (NextToken !== undefined && !/^after:\d+$/.test(NextToken)) refuse('InvalidNextTokenException');
    const prefixed = (words: string[], values: string[]) =>
      values.some((v) => words.some((word) => word.startsWith(v)));
    const found = [...this.held.values()]
      .filter(({ deletedDate }) => IncludePlannedDeletion || deletedDate === undefined)
      .filter(({ tags }) =>
        Filters.every(({ Key, Values }: Input) =>
          prefixed(
            tags.map((t) => (Key === 'tag-key' ? t.Key : t.Value)),
            Values,
          ),
        ),
      );
    const start = Number(NextToken?.slice('after:'.length) ?? 0);
    const page = found.slice(start, start + MaxResults).map((secret) => this.#shown(secret, 'SecretVersionsToStages'));
    const end = start + MaxResults;
    return { SecretList: page, ...(end < found.length ? { NextToken: `after:${end}` } : {}) };
  }

  #named = ({ arn, name }: Held, id?: string) => ({ ARN: arn, Name: name, ...(id && { VersionId: id }) });

  /** Only fields that have a value, and only versions that have a label. */
  #shown(secret: Held, versions: 'VersionIdsToStages' | 'SecretVersionsToStages'): object {
    const labelled = [...secret.versions].filter(([, { stages }]) => stages.size > 0);
    return {
      ...this.#named(secret),
      ...(secret.tags.length > 0 && { Tags: secret.tags }),
      // Left out for the account's own.
      ...(secret.kmsKeyId !== undefined && secret.kmsKeyId !== ACCOUNT_KEY && { KmsKeyId: secret.kmsKeyId }),
      ...(secret.rotates && { RotationEnabled: true }),
      ...(secret.deletedDate !== undefined && { DeletedDate: secret.deletedDate }),
      ...(labelled.length > 0 && { [versions]: Object.fromEntries(labelled.map(([id, v]) => [id, [...v.stages]])) }),
    };
  }
}
