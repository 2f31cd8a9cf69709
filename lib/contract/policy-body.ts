// How a key pair is to be rotated, as callers write it and as they read it.
import * as z from 'zod/mini';
import { pinsOf } from '../hosts/host-keys.ts';
import { isHost } from '../hosts/host-rules.ts';
import { keySizes, keySources } from '../vending/key-source.ts';
import { anyNameField, text } from './fields.ts';

/** Host keys that the hosts' adapter can use: as `ssh-keygen -l` prints them, or as `ssh-keyscan` does without the host. */
const isHostKey = (key: string): boolean => {
  try {
    return /^[\x20-\x7e]{1,1000}$/.test(key) && pinsOf([key]).fingerprints.size === 1;
  } catch {
    return false;
  }
};
const hostKey = z.string().check(z.refine(isHostKey, 'is neither a SHA256 fingerprint nor a public key of a host'));

/**
 * A user as machines have them: shadow-utils and FreeBSD (letters, digits, `_ . -`, a `$` at the end for a machine's account), names
 * of 255 bytes (LOGIN_NAME_MAX of Linux), and those of a directory, `DOMAIN\user`, `DOMAIN+user` and `user@realm`. Case matters.
 * Whether an `@` is a part of it or not, `user@host:port` has one reading, for a host has none. `.` and `..` are no names:
 * sshd puts the user's into paths (`AuthorizedKeysFile`). Blanks and letters beyond ASCII are left out: two names must not look the same.
 */
const user = text(
  /^(?=.{1,255}$)(?!\.\.?$)(?:[A-Za-z0-9][A-Za-z0-9._-]*\\)?[A-Za-z0-9_.][A-Za-z0-9_.+-]*\$?(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?$/,
);

const account = {
  host: z.string().check(z.refine(isHost, 'is neither a DNS name nor an IP address')),
  port: z._default(z.int().check(z.gte(1), z.lte(65_535)), 22),
  user,
};
const hostKeys = () => z.array(hostKey).check(z.maxLength(16));

const Host = z.strictObject({
  ...account,
  hostKeys: z._default(hostKeys(), []),
  /** A jump host is never taken on trust: `recordHostKeys` is for the hosts. */
  via: z.optional(z.strictObject({ ...account, hostKeys: hostKeys().check(z.minLength(1)) })),
});

const fields = {
  /** 0: never automatically. */
  maxAgeDays: z.number().check(z.gte(0), z.lte(3_650)),
  overlapDays: z.number().check(z.gte(0), z.lte(365)),
  hosts: z.array(Host).check(
    z.maxLength(2_000), // as many as a record holds
    z.refine(
      (hosts) =>
        new Set(hosts.map(({ host, port, user }) => `${user}@${host.toLowerCase()}:${port}`)).size === hosts.length,
      'names an account twice',
    ),
  ),
  coverage: z.number().check(z.gt(0), z.lte(1)),
  maxParallelHosts: z.int().check(z.gte(1), z.lte(50)),
  recordHostKeys: z.boolean(),
};
const forInstances = {
  rebind: z.optional(z.boolean()),
  updateTemplates: z.optional(z.boolean()),
  keepName: z.optional(z.boolean()),
};
const managementKey = z.optional(anyNameField());
/** Of the keys that rotations bring; what is left out is as the key pair was asked for. */
const nextKey = { keySource: z.optional(z.enum(keySources)), keyBits: z.optional(z.literal(keySizes)) };

const instanceId = text(/^[A-Za-z0-9-]{1,64}$/);
/** Instances that are found by what they are. */
const Target = z
  .strictObject({
    tags: z.optional(z.record(z.string().check(z.minLength(1), z.maxLength(128)), z.string().check(z.maxLength(256)))),
    instances: z.optional(z.array(instanceId).check(z.minLength(1), z.maxLength(100))),
    attached: z.optional(z.literal(true)),
    addresses: z._default(z.enum(['private', 'public']), 'private'),
    port: account.port,
    user,
    hostKeys: z._default(hostKeys(), []),
    via: z.optional(z.strictObject({ ...account, hostKeys: hostKeys().check(z.minLength(1)) })),
  })
  .check(
    z.refine(
      ({ tags, instances, attached }) =>
        Object.keys(tags ?? {}).length > 0 || instances !== undefined || attached === true,
      'says of no instance that it is meant: by tags, by ids or as attached',
    ),
  );
const targets = z.optional(z.array(Target).check(z.minLength(1), z.maxLength(10)));

/** All that is set for the key pair alone; the configuration says what is left out. */
export const PolicyBody = z
  .partial(z.strictObject({ ...fields, ...forInstances, ...nextKey, managementKey, targets }))
  .check(
    z.refine(({ keySource, keyBits }) => keyBits === undefined || keySource === 'import', {
      ...{ path: ['keyBits'], error: 'needs keySource import beside it' },
    }),
  );

/** The policy that applies. `clamped`: the fields that were put beyond what are the bounds by now, and apply at the bound. */
export const PolicyAnswer = z.strictObject({
  ...fields,
  ...forInstances,
  ...nextKey,
  managementKey,
  targets,
  /** What the targets last found: how many hosts, which instances came and left when that changed, and how many have no such address. */
  found: z.optional(
    z.strictObject({
      seenAt: z.string(),
      hosts: z.int(),
      unaddressed: z.int(),
      came: z.array(z.string()),
      left: z.array(z.string()),
      changedAt: z.string(),
    }),
  ),
  clamped: z.optional(z.array(z.string())),
  /** In answer to a policy that lists hosts while older keys are still stored: which of them a host may know to be caught up. */
  lateHosts: z.optional(
    z.strictObject({
      detail: z.string(),
      /** The one that counts first. `fingerprint`: SHA-256, as `ssh-keygen -l` prints it. */
      keys: z.array(z.strictObject({ keyPairName: z.string(), fingerprint: z.string(), counts: z.boolean() })),
    }),
  ),
});
