// Deliberate bugs. The simulation has to find each of them, or it proves nothing (mutations.test.ts).

export interface Mutation {
  /** What the code does with it. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The family of cases that shows it, or the kind of runs, where that is not among the first. */
  readonly where?: string;
  /** With which the runs begin. */
  readonly seed?: number;
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
  // Stores that drop the earliest version
  vending(
    'open-attempt',
    'does not tell the store of keys that are still on their way',
    'command.mayArrive ?? closing?.length',
    '0',
    'stores',
  ),
  // A key has to arrive late in a secret whose deletion is late, too, and its removal has to fail: the runs begin where that comes up.
  {
    ...vending(
      'close-attempt',
      'closes by a removal that may have failed',
      'await (isOver ? removed : removed',
      'await (false ? removed : removed',
      'stores',
    ),
    seed: 295_600,
  },
  {
    name: 'makes a store that drops versions and counts none before a put',
    file: 'tests/doubles/memory-store.ts',
    find: 'limits.countsAll && roomIn(kept, limits) < mayArrive + 1',
    replace: 'false',
    where: 'stores',
  },
  {
    name: 'makes a store that carries out requests of any age, whatever has changed since',
    file: 'tests/simulation/other-stores.ts',
    find: 'if (!stands) reached.fenced += 1;',
    replace: 'return true;',
    where: 'stores',
  },

  // Whose is it?
  vending(
    'ownership',
    'takes every pair of the name for ours',
    'if (isOnFile(provider, pair, claim)) return',
    'if (true) return',
  ),
  vending(
    'ownership',
    'does not look at the tag',
    '(!hasTags(provider) || pair.tags?.[DEPLOYMENT_TAG] === (attempt.tag ?? deployment)) &&',
    '',
  ),
  vending('ownership', 'takes the tag for proof', 'madeDuring(provider, pair, attempt, signatureWindowMs)),', 'true),'),
  vending(
    'ownership',
    'does not allow for the clock of the cloud',
    'openedAtMs - signatureWindowMs : ',
    'openedAtMs - 30_000 : ',
  ),
  vending('ownership', 'claims on ENS without a beginning', 'latest > from && ', '', 'own'),
  vending('ownership', 'claims on ENS without an end', ' && earliest <= landsBy', ''),
  vending('ownership', 'needs the time of a pair that its cloud does not tell', 'return tagged;', 'return false;'),
  vending(
    'by-create',
    'claims on ENS what was there before',
    'const claims = !taken || hasTags(provider.provider);',
    'const claims = true;',
    'own',
  ),
  vending(
    'deployment',
    'gives every deployment of a name the same id',
    ".replaceAll('-', '').slice(0, 12)",
    '.slice(0, 0)',
    'own',
  ),
  vending('deployment', 'has no fence', '      if (!(await this.look()).isHome) throw fenced();\n', '', 'copied'),
  vending('account-pin', 'does not wait to hear whose its access key is', '        await asked;\n', '', 'moved'),
  vending(
    'account-pin',
    'does not mind whose its access key is',
    'if (pin.account !== account) {',
    'if (false) {',
    'moved',
  ),
  vending(
    'settle',
    'deletes a pair whose key is stored',
    '!(await isStoredElsewhere(store, place, secret, ownership.pair, attempt.id, record.closing))',
    'true',
    'restored',
  ),
  vending('open-attempt', 'does not look whether the name is free', 'if (pairs.length > 0) {', 'if (false) {'),

  // Does a deletion of a secret that arrives late take a key that counts?
  vending(
    'settle',
    'does not bring back a secret that was deleted late',
    '  await ports.store.restoreSecret(secretIdentityOf(rest)).catch(unlessTheirs);\n',
    '',
  ),
  vending(
    'close-attempt',
    'forgets that a secret is about to be deleted',
    '    ...(isLast && secretDeletingUntil(lease.ports)),\n',
    '',
  ),
  vending(
    'activate',
    'takes a secret for safe as soon as it counts',
    'until > activatedAtMs ? until : undefined',
    'undefined',
  ),

  // Who may read a stored key?
  vending(
    'stored-key',
    'settles what it has no right to look at',
    '!settings.readsKeys && (secret',
    'false && (secret',
  ),
  vending(
    'settle',
    'does not look for a stored key once more when it has the lease',
    "if (ownership.whose === 'ours' && isLeftToRecovery(ports, secret))",
    'if (false)',
    'restored',
  ),

  // Is it the key of the pair?
  vending(
    'by-create',
    'does not look at the pair before it counts',
    'made.publicKey === undefined ? await seenAtCloud(',
    'false ? await seenAtCloud(',
  ),
  vending(
    'by-create',
    'takes a look that came too early for the last one',
    'if (wasThere) return early!;',
    'return early ?? made;',
  ),
  vending(
    'verify-key',
    'takes a contradiction for a form it does not know',
    "evidence === 'unknown-form' && !strict",
    '!strict',
  ),
  vending('settle', 'makes a pair count whatever key is stored', 'if (evidence !== undefined) {', 'if (true) {'),

  // Who did what?
  vending(
    'trail',
    'begins each entry anew',
    '...{ did, ...difference(factsOf(before), factsOf(record)), previous },',
    "...{ did, ...difference(factsOf(before), factsOf(record)), previous: '' },",
  ),
  vending('file-record', 'writes a change without an entry', 'trailed(filed?.record, whole, actor, nowMs)', 'whole'),
  vending(
    'send-trail',
    'forgets entries that were not sent on',
    'for (const entry of pending) {',
    'for (const entry of pending.slice(1)) {',
  ),

  vending('file-record', 'keeps the place of what is gone', 'await giveBack(ledger, filed?.record, record);', ''),
  vending('open-attempt', 'counts nothing', 'if (places !== undefined) await claim(lease, places);', ''),

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
    'const written = await fileRecord(ports, filed, record);',
    'const written = await fileRecord(ports, await ports.ledger.read(record.identity), record);',
  ),
  vending(
    'attempt-lease',
    'writes over what somebody else has written',
    'await fileRecord(this.ports, { record: this.#record, revision: this.#revision }, record);',
    'await fileRecord(this.ports, (await this.ports.ledger.read(record.identity))!, record);',
  ),
  vending(
    'store-firmly',
    'stores without a deadline',
    'key, lease.until, keyPairId, request)',
    'key, undefined, keyPairId, request)',
  ),

  // What is not known
  vending(
    'by-create',
    'sends an ambiguous create once more',
    'const made = await provider.create(wantedPair(lease), call);',
    'const made = await provider.create(wantedPair(lease), call).catch(() => provider.create(wantedPair(lease), call));',
  ),
  vending('by-create', 'takes an unknown effect for none', "effect === 'none' ? closeAttempt(", 'true ? closeAttempt('),
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
    'ours.find((pair) => !versions',
    'ours.find((pair) => false && !versions',
  ),

  // What is taken back
  vending(
    'by-create',
    'leaves a pair whose key the store refused',
    'await quietly(undo(lease, provider, made));\n    throw error;',
    'throw error;',
  ),
  vending(
    'by-create',
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
    'ledger.fileAttempt(identity, id, attempt, until),',
    '',
  ),
  vending(
    'open-attempt',
    'asks the cloud before its attempt is on file',
    'ledger.fileAttempt(identity, id, attempt, until),',
    'void ledger.fileAttempt(identity, id, attempt, until).catch(() => {}),',
  ),
  vending(
    'open-attempt',
    'goes on with an attempt that could not be filed',
    "if (one.status === 'rejected') await giveUp",
    "if (one.status === 'rejected' && false) await giveUp",
  ),
  vending(
    'attempt-lease',
    'files an attempt afterwards that was never on file',
    '(await ledger.attempts(identity)).get(attempt.id);',
    "(await ledger.attempts(identity)).get(attempt.id) ?? { openedAtMs: this.#record.requestedAtMs, createdByMs: attempt.createdByMs, outcome: 'open' };",
    'one fault and a stranger',
  ),
  vending(
    'attempt-lease',
    'forgets an attempt whose create may still land',
    "if (attempt.outcome === 'refused')",
    "if (attempt.outcome !== 'made')",
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
    'outbox',
    'takes the mark off while the announcement is still under way',
    '(await succeeds(announce(ports, record, unannounced)));',
    '(void succeeds(announce(ports, record, unannounced)), true);',
  ),
  vending(
    'vend',
    'answers one request with the pair of another',
    'if (filed.record.requestHash === hash)',
    'if (true)',
  ),
  vending('settle-stray', 'removes a key that counts', '!record.versions.some((version) => version.id === id)', 'true'),
  vending(
    'by-create',
    'files the key',
    'keyPairId: made.id, fingerprint: made.fingerprint }',
    'keyPairId: made.id, fingerprint: made.privateKey.reveal() }',
  ),

  // What is imported
  vending(
    'by-import',
    'imports a key before it is stored',
    'const stored = privateKey && (await storeFirst(lease, privateKey));\n  const answer = await importPair(lease, provider, key);',
    'const answer = await importPair(lease, provider, key);\n  const stored = privateKey && (await storeFirst(lease, privateKey));',
    'import',
  ),
  vending(
    'by-import',
    'imports once more what may be imported already',
    'return await provider.import({ ...wantedPair(lease), publicKey }, call);',
    'const one = { ...wantedPair(lease), publicKey };\n    return await provider.import(one, call).catch(() => provider.import(one, call));',
    'import',
  ),
  vending(
    'close-attempt',
    'forgets that the key of a refused import may still arrive',
    "if (hasKey) await removeVersion(lease);\n  await closeAttempt(lease, 'horizon');",
    "if (hasKey) await removeVersion(lease);\n  await closeAttempt(lease, 'now');",
    'import',
  ),
  vending(
    'open-attempt',
    'files an import without its key',
    '...(key && { publicKey: key.publicKey }), ',
    '',
    'import windows',
  ),
  vending(
    'ownership',
    'explains a pair by the import of another key',
    '      mayHaveKey(pair, attempt) &&\n',
    '',
    'import windows',
  ),
  vending(
    'settle',
    'removes that of two pairs which has the key',
    '[first, ...twins].find((one) => imported',
    '[first, ...twins].find((one) => !imported',
    'import',
  ),
  vending(
    'settle',
    'leaves one of two pairs of the same key',
    'if (one !== pair) await removePair(lease, provider, one.id);',
    'if (false) await removePair(lease, provider, one.id);',
    'import',
  ),
  vending(
    'settle',
    'leaves a late pair beside the one that counts, where both have the same name',
    '[ownership.pair, ...(ownership.twins ?? [])] : []',
    '[ownership.pair] : []',
    'import',
  ),
  {
    ...vending(
      'settle',
      'makes a pair count whose key it is about to remove',
      'record.abandoned || attempt.keyGoing ||',
      'record.abandoned ||',
      'import',
    ),
    seed: 154_000,
  },
  {
    ...vending(
      'stored-key',
      'takes a key that was stored before its import for one that was answered with',
      '...closing.map(({ attempt }) => attempt.id)',
      '',
      'import',
    ),
    seed: 129_000,
  },
  vending(
    'by-import',
    'takes what a list still shows of an earlier import for its own',
    'found?.pairs.length === 1 && isOfImport(lease, found.pairs[0]!, id) ?',
    'found?.pairs.length === 1 ?',
    'import',
  ),

  // What is adopted
  vending(
    'adopt',
    'stores whatever key it is given for a pair',
    "publicKey === undefined ? 'unknown-form' : evidenceOf(pair, key.privateKey ? key : publicKey)",
    "publicKey === undefined ? 'unknown-form' : 'agrees'",
    'adopted',
  ),
  vending(
    'adopt',
    'answers an adoption with whatever counts by then',
    'const isSame = publicKey === standing.publicKey;',
    'const isSame = true;',
    'adopted',
  ),
];
