// How a key pair is to be rotated, as callers write it and as they read it.
import * as z from 'zod/mini';
import { pinsOf } from '../hosts/host-keys.ts';
import { isHost } from '../hosts/host-rules.ts';
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
    z.maxLength(200),
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
const managementKey = z.optional(anyNameField());

/** All that is set for the key pair alone; the configuration says what is left out. */
export const PolicyBody = z.partial(z.strictObject({ ...fields, managementKey }));

/** The policy that applies. `clamped`: the fields that were put beyond what are the bounds by now, and apply at the bound. */
export const PolicyAnswer = z.strictObject({
  ...fields,
  managementKey,
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
