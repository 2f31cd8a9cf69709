// What a deployment says about rotating and retiring, in environment variables. Apart from the rest: functions that only vend
// or read have no use for it.
import * as z from 'zod/mini';
import { checkedBy, type Environment, url, wrongVariables } from '../environment.ts';
import { areNames, areNetworks, arePorts } from '../hosts/host-rules.ts';
import { decimal, wholeNumber } from '../numbers.ts';
import { type Bounds, boundRows, boundsFrom, outOfBounds } from '../policy-bounds.ts';
import { STEP_NEEDS_MS } from '../vending/rotation/advance.ts';
import type { Policy, PolicyDefaults } from '../vending/rotation/policy.ts';
import { HOST_MS } from '../vending/rotation/try-host.ts';
import { refuseWhatCannotWork } from './least-times.ts';
import { platforms } from './platform-table.ts';

/** Lists separated by commas. */
const list = (isRight: (list: string) => boolean, usual = '') => z._default(z.string().check(z.refine(isRight)), usual);

/** Empty for the usual one. */
const bound = (upTo: number) =>
  z._default(
    z.string().check(
      z.regex(/^(\d{1,4}(\.\d{1,15})?)?$/),
      z.refine((text) => Number(text) <= upTo),
    ),
    '',
  );

/** How far a key pair's own policy may go: a row of lib/policy-bounds.ts each. */
const bounds = () => ({
  ...(Object.fromEntries(Object.values(boundRows).map(({ variable, upTo }) => [variable, bound(upTo)])) as Record<
    BoundVariable,
    ReturnType<typeof bound>
  >),
  /** Empty for what KEYVEND_RECORD_HOST_KEYS says. */
  KEYVEND_MAY_RECORD_HOST_KEYS: z._default(z.literal(['true', 'false', '']), ''),
});
type BoundVariable = (typeof boundRows)[keyof typeof boundRows]['variable'];

/** @throws {TypeError} naming the bounds that the configuration's own defaults break */
export function defaultsWithBounds(
  own: z.infer<z.ZodMiniObject<ReturnType<typeof bounds>>>,
  defaults: Policy,
): PolicyDefaults {
  const numbers = Object.entries(boundRows).filter(([, { variable }]) => own[variable] !== '');
  const may = own.KEYVEND_MAY_RECORD_HOST_KEYS;
  const given: Bounds = {
    ...Object.fromEntries(numbers.map(([name, { variable }]) => [name, Number(own[variable])])),
    ...(may !== '' && { mayRecordHostKeys: may === 'true' }),
  };
  const made = boundsFrom(given, defaults);
  const broken = outOfBounds(defaults, made).map(({ bound: name }) =>
    name === 'mayRecordHostKeys' ? 'KEYVEND_MAY_RECORD_HOST_KEYS' : boundRows[name].variable,
  );
  if (broken.length > 0) throw wrongVariables(broken);
  return { ...defaults, bounds: made };
}

const SERVER_LEASE_MS = 240_000;
/** What stands for the queue's URL where there is none. */
const INBOX_ROTATION = 'inbox:rotation';
const hasInbox = (platform?: string) =>
  platform !== undefined &&
  Object.hasOwn(platforms, platform) &&
  platforms[platform as keyof typeof platforms].queues === 'inbox';

/** @param platform on a machine of one's own, that machine may be a host, for whoever says so */
export const rotationConfiguration = (platform?: string) =>
  z.object({
    /** How long the previous key stays valid. This and the next three apply unless a key pair's own policy says otherwise. */
    KEYVEND_OVERLAP_DAYS: z._default(decimal(365), 7),
    /** The share of hosts that must prove the new key before it counts. */
    KEYVEND_COVERAGE: z._default(z.pipe(decimal(1), z.number().check(z.gt(0))), 1),
    KEYVEND_MAX_PARALLEL_HOSTS: z._default(wholeNumber(1, 50), 5),
    /** Records a host key that is not pinned when it is first seen. */
    KEYVEND_RECORD_HOST_KEYS: z._default(z.literal(['true', 'false']), 'false'),
    /** How long a retired key pair can be restored. */
    KEYVEND_GRACE_DAYS: z._default(decimal(3_650), 30),
    /**
     * Longer than a function may run, which is 900 s: what is still being done when it ends is in vain. At least what one host needs. A
     * server's worker gives a key pair back after 130 s, and whoever is killed holds it no longer than it must.
     */
    KEYVEND_ROTATION_LEASE_MS: z._default(wholeNumber(1), hasInbox(platform) ? SERVER_LEASE_MS : 960_000),
    /** The queue that wakes the worker, but for platforms whose messages wait beside the ledger. */
    KEYVEND_ROTATION_QUEUE_URL: hasInbox(platform) ? z._default(z.literal(INBOX_ROTATION), INBOX_ROTATION) : url(),
    ...bounds(),
    /** How many of the workers, of which there are five, may be busy with one caller's hosts at a time. */
    KEYVEND_WORKERS_PER_CALLER: z._default(wholeNumber(1, 50), 2),
    /** The networks that hosts may be in, in CIDR notation. By default none: nothing can be logged in on. */
    KEYVEND_HOST_NETWORKS: list((networks) => areNetworks(networks, platform === 'local' || platform === 'serve')),
    /** The names that hosts may have, `*.example.com` for all below one. By default any. */
    KEYVEND_HOST_NAMES: list(areNames),
    KEYVEND_HOST_PORTS: list(arePorts, '22'),
  });

/** With a shorter lease, no host would ever be begun with. */
const LEAST_LEASE_MS = STEP_NEEDS_MS + HOST_MS;

/** @throws {TypeError} naming what is missing or wrong, and no value; or a lease that cannot work, with the least that does */
export function rotationConfigurationFrom(environment: Environment, platform?: string) {
  const configuration = checkedBy(rotationConfiguration(platform), environment);
  refuseWhatCannotWork(configuration, [['KEYVEND_ROTATION_LEASE_MS', LEAST_LEASE_MS]]);
  return configuration;
}
