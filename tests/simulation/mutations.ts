// Deliberate bugs. The simulation has to find each of them, or it proves nothing (mutations.test.ts).

export interface Mutation {
  /** What the code does with it. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The family of cases that shows it, where that is not among the first. */
  readonly where?: string;
  /** Whether it is a bug of rotation. */
  readonly rotation?: true;
}

const vending = (file: string, name: string, find: string, replace: string, where?: string): Mutation => ({
  name,
  file: `lib/vending/${file}.ts`,
  find,
  replace,
  ...(where === undefined ? {} : { where }),
});

export const mutations: readonly Mutation[] = [
  // Whose is it?
  vending(
    'ownership',
    'takes every pair of the name for ours',
    'others.length === 0 && isOurs(provider, pair, claim)',
    'true',
  ),
  vending('ownership', 'does not look at the tag', 'pair.tags?.[DEPLOYMENT_TAG] === claim.deployment', 'true'),
  vending('ownership', 'claims on ENS without a beginning', 'latest > Date.parse(attempt.absentAt) && ', ''),
  vending('ownership', 'claims on ENS without an end', ' && earliest <= landsBy', ''),
  vending('open-attempt', 'does not look whether the name is free', 'if (pairs.length > 0) {', 'if (false) {'),

  // Is it the key of the pair?
  vending(
    'vend',
    'does not look at the pair before it counts',
    'made.publicKey === undefined ? await seenAtCloud(',
    'false ? await seenAtCloud(',
  ),
  vending(
    'verify-key',
    'takes a contradiction for a form it does not know',
    "evidence === 'unknown-form' && !strict",
    '!strict',
  ),
  vending('settle', 'makes a pair count whatever key is stored', 'if (evidence !== undefined) {', 'if (true) {'),

  // Who may act?
  vending('held-lease', 'signs when its lease is over', ', signBefore: this.until }', ' }'),
  vending(
    'attempt-lease',
    'puts leases on record that are over',
    'endsAtMs: until.wallMs }',
    'endsAtMs: until.wallMs - 200_000 }',
  ),
  vending(
    'attempt-lease',
    'takes what somebody else has just taken',
    'const revision = await ports.ledger.write(record, expected);',
    'const revision = await ports.ledger.write(record, (await ports.ledger.read(record.identity))?.revision ?? 0);',
  ),
  vending(
    'attempt-lease',
    'writes over what somebody else has written',
    'await this.ports.ledger.write(record, this.#revision);',
    'await this.ports.ledger.write(record, (await this.ports.ledger.read(record.identity))!.revision);',
  ),
  vending('vend', 'stores without a deadline', 'key, lease.until)', 'key)'),

  // What is not known
  vending(
    'vend',
    'sends an ambiguous create once more',
    'return await provider.create(pair, lease.callLimits(settings.createTimeoutMs));',
    `const again = () => provider.create(pair, lease.callLimits(settings.createTimeoutMs));
    return await again().catch(again);`,
  ),
  vending('vend', 'takes an unknown effect for none', "effect === 'none' ? closeAttempt(", 'true ? closeAttempt('),
  vending(
    'close-attempt',
    'does not settle once more at the horizon',
    '...(mayLand ? [{ untilMs, attempt }] : [])',
    '',
  ),
  vending('close-attempt', 'settles only the last one once more', '...(rest.closing ?? []), ', ''),
  vending('settle', 'makes a pair count that it has deleted', 'if (!doomed && ', 'if ('),
  vending(
    'settle',
    'looks only for a key beside what counts',
    "if (ownership.whose === 'ours' && !versions",
    'if (!versions',
  ),

  // What is taken back
  vending(
    'vend',
    'leaves a pair whose key the store refused',
    'await quietly(undo(lease, provider, made));\n    throw error;',
    'throw error;',
  ),
  vending(
    'vend',
    'undoes by name without looking',
    "rowOf(provider.provider).removesBy === 'name' && !(await showsOurs",
    'false && !(await showsOurs',
  ),
  vending(
    'close-attempt',
    'deletes without writing it down',
    'attempt: { ...attempt, deletingUntilMs: Math.max(untilMs, earlierMs) }',
    'attempt',
  ),
  vending('settle', 'deletes by name what it has seen once', 'clock.wallMs() < againAtMs', 'false', 'one after'),
  vending(
    'open-attempt',
    'does not file an attempt before it begins',
    'await ledger.fileAttempt(identity, id, attempt, until);',
    '',
  ),

  // What follows
  vending('outbox', 'does not move the label', 'if (!still || !(await', 'if (false && !(await'),
  vending(
    'outbox',
    'forgets an announcement that failed',
    'const announced = unannounced === undefined || (await succeeds(announce(ports, record, unannounced)));',
    'const announced = unannounced === undefined || (await succeeds(announce(ports, record, unannounced)), true);',
  ),
  vending(
    'vend',
    'answers one request with the pair of another',
    'if (filed.record.requestHash === hash)',
    'if (true)',
  ),
  vending('settle-stray', 'removes a key that counts', '!record.versions.some((version) => version.id === id)', 'true'),
  vending(
    'vend',
    'files the key',
    'keyPairId: made.id, fingerprint: made.fingerprint }',
    'keyPairId: made.id, fingerprint: made.privateKey.reveal() }',
  ),
];
