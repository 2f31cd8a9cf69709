// Deliberate bugs of rotation: the simulation has to find each of them (../mutations.test.ts).
import type { Mutation } from '../mutations.ts';

const bug = (file: string, name: string, find: string, replace: string): Mutation => ({
  name,
  file: `lib/${file}.ts`,
  find,
  replace,
  rotation: true,
});
const rotation = (file: string, name: string, find: string, replace: string): Mutation =>
  bug(`vending/rotation/${file}`, name, find, replace);

const own = (file: string, name: string, find: string, replace: string, where?: string): Mutation => ({
  ...bug(`vending/own-name/${file}`, name, find, replace),
  ...(where === undefined ? {} : { where }),
});

/** Of a key that moves to a secret of its own. */
const moving = (name: string, find: string, replace: string): Mutation => ({
  ...rotation('move-key', name, find, replace),
  where: 'moved',
});

/** Over stores that are not like AWS's. */
const elsewhere = (file: string, name: string, find: string, replace: string): Mutation => ({
  ...bug(`vending/${file}`, name, find, replace),
  where: 'stores',
});

export const rotationMutations: readonly Mutation[] = [
  // Stores that drop the earliest version, or move a label blindly
  elsewhere(
    'rotation/stage-successor',
    'leaves the key that counts among the earliest versions',
    '  await renewKey(lease);\n',
    '',
  ),
  elsewhere(
    'record',
    'removes a key while a copy of it is on its way',
    'Math.max(activatedAtMs + leaseMs, copiedByMs)',
    '(activatedAtMs + leaseMs)',
  ),
  elsewhere(
    'settle',
    'does not look at a label again that moves blindly',
    'const lost = ports.settings.blindLabels &&',
    'const lost = false &&',
  ),

  // Nobody is locked out
  rotation(
    'outgoing',
    'removes a key that a listed host still knows',
    '!policyOf(record, defaults).hosts.some((host) => owes(record, host, pair))',
    'true',
  ),
  rotation(
    'purge-outgoing',
    'decides on a key by what was listed a moment ago',
    '(isClear(record, pair) ? { ...pair, keyGoing: true } : pair)',
    '({ ...pair, keyGoing: true })',
  ),
  rotation(
    'without-hosts',
    'remembers a host that was listed no more for a while',
    'hosts: kept(outgoing.hosts),',
    'hosts: outgoing.hosts,',
  ),
  rotation(
    'without-hosts',
    'keeps a waiver for a host that is listed anew',
    'waived: pair.waived.filter(stays) })',
    'waived: pair.waived })',
  ),
  rotation(
    'without-hosts',
    'forgets where a rotation that may be taken back has added a line',
    'hosts: { ...(keeps.edits && isUnderWay(one) && editedOf(one)), ...kept(one.hosts) },',
    'hosts: {},',
  ),
  rotation(
    'known-keys',
    'tries no key of long ago',
    'older: others.filter(({ id }) => out.has(id))',
    'older: others.slice(0, 0)',
  ),
  // At most two keys open a host
  rotation('coverage', 'lets a third key in', 'progressOf(earlier, host).oldRemoved === true', 'true'),
  bug(
    'hosts/catch-up',
    'lets the key that counts in beside all the older ones',
    'older.filter(({ publicKey }) => publicKey !== present.publicKey)',
    '[]',
  ),
  rotation(
    'purge-outgoing',
    'does not look at hosts again once an instance can write no line back',
    'withNextSeq(record, { ...pair, goneAtMs })',
    'withPair(record, { ...pair, goneAtMs })',
  ),
  rotation('outgoing', 'gives the same place twice', '{ ...next.outgoing!, lastSeq: seq }', 'next.outgoing!'),
  rotation(
    'remove-old-key',
    'ends before an earlier rotation that needs its key',
    'if (earlierOf(lease.record, lease.work).length > 0) throw inProgress(60_000);',
    '',
  ),

  // Moved to a secret of its own
  moving(
    'removes a key before it is stored elsewhere',
    'if (back?.reveal() !== key.reveal()) throw',
    'await removeStoredKey(ports, identity, version.id);\n  if (back?.reveal() !== key.reveal()) throw',
  ),
  moving(
    'takes a key for stored elsewhere when that failed',
    'const { reference } = await store.put(own, version.id, key, until, version.keyPairId, lease.record.request);',
    "const { reference } = await store.put(own, version.id, key, until, version.keyPairId, lease.record.request).catch(() => ({ reference: '' }));\n  return change(lease, version.id, { state: 'copied' }, reference);",
  ),
  moving(
    'does not write down that a key may be elsewhere',
    "await change(lease, version.id, { state: 'moving', landsByMs: until.wallMs + settings.horizonMs });",
    '',
  ),
  rotation('move-key', 'moves no key', 'if (!enough) await move(lease, version);', ''),
  {
    ...rotation(
      'room',
      'counts no key that may still arrive',
      'for (const { attempt } of closing) arriving.add(attempt.id);',
      '',
    ),
    where: 'crowded',
  },
  bug(
    'vending/own-secret',
    'forgets the secret of its own when a key is purged',
    ': [record.identity, ownSecretOf(record.identity, versionId)];',
    ': [record.identity];',
  ),
  {
    ...rotation(
      'purge-outgoing',
      'removes a key while a late request may store it once more',
      'if (ports.clock.wallMs() < landsByMs)',
      'if (false)',
    ),
    where: 'moved',
  },
  {
    ...bug(
      'vending/own-secret',
      'looks for a key that was moved where it was',
      'if (isInOwn(record, versionId)) return store.reveal(own, versionId);',
      'if (isInOwn(record, versionId)) return store.reveal(record.identity, versionId);',
    ),
    where: 'attached',
  },

  // Attached to an instance
  rotation(
    'purge-outgoing',
    'removes the key of a pair that an instance has',
    'while (pairOf(lease, versionId)?.goneAtMs === undefined) {',
    'for (const _ of []) {',
  ),
  rotation(
    'purge-retired',
    'restores what a delete may still take away',
    "save: (purging) => save(lease, purging, { state: 'purging' }),",
    'save: (purging) => save(lease, purging),',
  ),
  rotation(
    'purge-retired',
    'forgets that the secret of what was retired is about to be deleted',
    '{ ...vacant(record), ...secretDeletingUntil(ports) }',
    'vacant(record)',
  ),
  bug(
    'vending/vend',
    'takes a name that its own pair had for a stranger’s',
    'if (isTaken && claims && free)',
    "if (isTaken && claims && record.state === 'vacant')",
  ),
  bug('hosts/keys-on-host', 'takes a file that has changed for replaced', "=== 'replaced') return", "!== '') return"),
  bug(
    'hosts/keys-on-host',
    'replaces the line instead of adding one',
    'const next = withKeyAdded(text, present.publicKey, coming.publicKey);',
    'const next = withKeyRemoved(withKeyAdded(text, present.publicKey, coming.publicKey), present.publicKey);',
  ),

  // What the key pair's own name leads to
  own(
    'slot',
    'imports while a delete by that name may still arrive',
    '?.goneAtMs === undefined',
    '?.purging === undefined',
    'named',
  ),
  own(
    'vacate-name',
    'takes a name for free when a delete by it may still arrive',
    'settings.absentTwiceMs, ours.deletingUntilMs ?? 0);',
    'settings.absentTwiceMs, 0);',
    'named',
  ),
  own('by-import', 'does not look for an import whose answer was lost', 'if (found !== undefined)', 'if (false)'),
  own(
    'by-import',
    'takes what was imported for the key that counts by now',
    'const held = { ...one, sinceMs',
    'const held = { ...one, versionId: lease.record.versions.at(-1)!.id, sinceMs',
    'named',
  ),
  own(
    'imported-pair',
    'takes whatever has the name for what it imported',
    "if (!isAnswered && evidenceOf(pair, publicKey) !== 'agrees') return false;",
    'if (pair.name !== undefined) return true;',
  ),
  own('slot', 'removes the key of a pair that has the name', 'nameSlot?.held?.versionId === versionId ||', ''),
  rotation(
    'purge-retired',
    'leaves the pair that has the name when all else is purged',
    'if (lease.record.nameSlot?.held === undefined) return undefined;',
    "if (lease.record.state !== 'vacant') return undefined;",
  ),
  rotation(
    'purge-version',
    'looks for a pair by the name that it was made with',
    'calledBy(version, { ...identity, name: pairNameOf(identity, version) });',
    '({ ...identity, name: version.upstreamName ?? identity.name }) as ReturnType<typeof calledBy>;',
  ),
  rotation(
    'purge-version',
    'takes the name of a pair for that of its record',
    'upstreamName === undefined ? undefined : { ...identity, name: upstreamName };',
    'upstreamName === undefined ? identity : { ...identity, name: upstreamName };',
  ),

  // Nobody's key is used where it is not theirs to say
  rotation('management-key', 'sends a management key wherever a policy names it', 'if (!listed)', 'if (!own)'),

  // Whoever was late, or was cancelled
  {
    ...rotation('work-lease', 'changes what was cancelled', '!isSameState(work, this.work)', 'false'),
    where: 'cancelled',
  },
  rotation('roll-out', 'does not write down where it may have been', '({ ...progress, added: true })', 'progress'),
  {
    ...bug(
      'vending/open-attempt',
      'begins a successor when the worker has run out of time',
      'successorOf === undefined || leftMs(clock, leased) < leftMs(clock, deadline) ? leased : deadline',
      'leased',
    ),
    where: 'cancelled',
  },
  rotation(
    'try-host',
    'takes back what it wrote ahead of an edit that was sent',
    'watched.edited() ? progress : was',
    'was',
  ),
  rotation(
    'host-pool',
    'begins hosts that are not on record as begun',
    '...(before && Object.fromEntries(begun.map(({ host }) => [hostName(host), before(read(host))]))),',
    '',
  ),
  rotation('undo-rotation', 'forgets the pair when it is cancelled', 'if (successor !== undefined) {', 'if (false) {'),
  {
    ...rotation(
      'purge-version',
      'does not settle once more what was cancelled',
      'untilMs > clock.wallMs() ?',
      'false ?',
    ),
    where: 'cancelled',
  },

  // Whose is it, and where is its key?
  bug('vending/verify-key', 'takes whatever has the name for the pair to purge', ': pair.id === keyPairId;', ': true;'),
  bug(
    'vending/record',
    "keeps a successor's key apart from the others",
    'successorOf === undefined ? identity : { ...identity, name: successorOf }',
    'identity',
  ),
  bug('vending/activate', 'tells of a successor before it counts', '...(rest.successorOf === undefined && {', '...({'),
  rotation('promote', 'says nothing of the key pair before', 'unannounced: version.id, ', ''),
];
