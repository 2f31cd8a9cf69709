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

export const rotationMutations: readonly Mutation[] = [
  // Nobody is locked out
  rotation('coverage', 'purges the old key while a host has no other', 'oldRemoved === true', 'true'),
  rotation(
    'remove-old-key',
    'goes back once purging has begun',
    'if (lease.work.purging === undefined) await decide(lease);',
    'await decide(lease);',
  ),
  rotation(
    'coverage',
    'does not wait for a host on which no login is allowed',
    'progressOf(looked[1], host).oldRemoved === true',
    "[true, 'HOST_FORBIDDEN'].includes(progressOf(looked[1], host).oldRemoved ?? progressOf(looked[1], host).code)",
  ),
  bug('hosts/keys-on-host', 'takes a file that has changed for replaced', "=== 'replaced') return", "!== '') return"),
  bug(
    'hosts/keys-on-host',
    'replaces the line instead of adding one',
    'const next = withKeyAdded(text, present.publicKey, coming.publicKey);',
    'const next = withKeyRemoved(withKeyAdded(text, present.publicKey, coming.publicKey), present.publicKey);',
  ),

  // Nobody's key is used where it is not theirs to say
  rotation('management-key', 'sends a management key wherever a policy names it', 'if (!listed)', 'if (!own)'),

  // Whoever was late, or was cancelled
  rotation('work-lease', 'changes what was cancelled', '!isSameState(work, this.work)', 'false'),
  rotation('roll-out', 'does not write down where it may have been', '({ ...progress, added: true })', 'progress'),
  bug(
    'vending/open-attempt',
    'begins a successor when the worker has run out of time',
    'successorOf === undefined || leftMs(clock, leased) < leftMs(clock, deadline) ? leased : deadline',
    'leased',
  ),
  rotation('undo-rotation', 'forgets the pair when it is cancelled', 'if (successor !== undefined) {', 'if (false) {'),
  rotation('purge-version', 'does not settle once more what was cancelled', 'untilMs > clock.wallMs() ?', 'false ?'),

  // Whose is it, and where is its key?
  bug(
    'vending/verify-key',
    'takes whatever has the name for the pair to purge',
    ': pair.id === keyPairId);',
    ': true);',
  ),
  bug(
    'vending/record',
    "keeps a successor's key apart from the others",
    'successorOf === undefined ? identity : { ...identity, name: successorOf }',
    'identity',
  ),
  bug('vending/activate', 'tells of a successor before it counts', '...(rest.successorOf === undefined && {', '...({'),
  rotation('promote', 'says nothing of the key pair before', 'unannounced: version.id, ', ''),
];
