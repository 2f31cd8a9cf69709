// A key pair's successor on one host: let in, proved, and the key before it taken out. Each can be repeated at any time.
import { VendingError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { absent, linesOf, withKeyAdded, withKeyRemoved, withLinesBack } from './authorized-keys.ts';
import { forcesCommand } from './authorized-line.ts';
import type { Host, Hosts, LoginOptions, Session } from './hosts.ts';

export interface KeyHalves {
  /** An OpenSSH line. */
  readonly publicKey: string;
  readonly privateKey: Secret;
}

/** A key of which only its owner may have the private half: then a management key has to edit, and nothing can be proved by a login with it. */
export type KnownKey = Pick<KeyHalves, 'publicKey'> & Partial<KeyHalves>;

/** How a host is reached. */
export interface HostAccess {
  readonly hosts: Hosts;
  readonly host: Host;
  readonly options: LoginOptions;
  /** Fetches the private key of another pair that logs in as the same user and may run commands; throws where it may not. */
  readonly management?: () => Promise<Secret>;
  /** Further keys of the pair's own that a jump host on the way may know. */
  readonly own?: readonly Secret[];
}

/** The host key that was shown, `SHA256:...`: what to pin. */
export interface ShownHostKey {
  readonly hostKey: string;
}

export interface RemovedLines extends ShownHostKey {
  /** How many lines were taken out. */
  readonly removed: number;
}

type Gone = Pick<KeyHalves, 'publicKey'>;

/**
 * Puts a line for the coming key after each line of the present one, with its options.
 * @throws {VendingError} LOGIN_REFUSED when the key that edits is refused, unless the coming one is in already;
 * HOST_COMMAND_FORCED when the present key runs no edit and there is no management key; HOST_LINE_ABSENT, HOST_FILE_CHANGING,
 * and what `Hosts` and `Session` throw
 */
export async function addKey(reach: HostAccess, present: KnownKey, coming: KeyHalves): Promise<ShownHostKey> {
  const { editor, instead } = await editorOf(reach);
  // The jump host may have gone from one key to the other already, or not yet.
  const pair = [present.privateKey, coming.privateKey].filter((key) => key !== undefined);
  const key = editor ?? present.privateKey;
  const orIn = (error: unknown) => {
    if (editor !== undefined || !has(error, 'LOGIN_REFUSED')) throw error;
    return alreadyIn(reach, coming, pair, error);
  };
  const session = await (key === undefined
    ? alreadyIn(reach, coming, pair, notStored())
    : login(reach, key, pair).catch(orIn));
  return use(session, async () => {
    await edit(session, (text) => {
      const next = withKeyAdded(text, present.publicKey, coming.publicKey);
      const forced = linesOf(text, present.publicKey).some(({ options }) => forcesCommand(options));
      if (next !== text && forced && editor === undefined) {
        throw new VendingError('HOST_COMMAND_FORCED', "The key's line in authorized_keys forces a command");
      }
      return next;
    }).catch(instead);
    return { hostKey: session.hostKey };
  });
}

interface Editor {
  /** The management key; undefined where the pair's own key edits. */
  readonly editor: Secret | undefined;
  /** Where that may not edit, it is the management key that is missing. */
  readonly instead: (error: unknown) => never;
}

/** A management key that is not there keeps only those hosts waiting that need it. */
async function editorOf({ management }: HostAccess): Promise<Editor> {
  const asIs = (error: unknown): never => {
    throw error;
  };
  if (management === undefined) return { editor: undefined, instead: asIs };
  try {
    return { editor: await management(), instead: asIs };
  } catch (missing) {
    if (!has(missing, 'MANAGEMENT_KEY_ABSENT')) throw missing;
    const instead = (error: unknown): never => {
      throw has(error, 'HOST_COMMAND_FORCED') ? missing : error;
    };
    return { editor: undefined, instead };
  }
}

/** Logs in with the key and with nothing else; runs no command. */
export async function proveKey(reach: HostAccess, key: KeyHalves): Promise<ShownHostKey> {
  const session = await login(reach, key.privateKey, [key.privateKey]);
  return use(session, async () => ({ hostKey: session.hostKey }));
}

/**
 * Takes keys' lines out, and has the key that stays log in once more before the session that can put them back ends.
 * @throws {VendingError} HOST_LINE_ABSENT when the key that stays has no line of its own: nothing was removed; LOGIN_LOST when
 * it was refused afterwards: the lines are back; what `Hosts` and `Session` throw: the lines may be gone
 */
export async function removeKey(reach: HostAccess, gone: Gone, stays: KnownKey): Promise<ShownHostKey> {
  const { hostKey } = await removeKeys(reach, [gone], stays);
  return { hostKey };
}

/** The same for several keys, in one edit. */
export async function removeKeys(reach: HostAccess, gone: readonly Gone[], stays: KnownKey): Promise<RemovedLines> {
  if (stays.privateKey === undefined) {
    const { editor } = await editorOf(reach);
    if (editor === undefined) throw notStored();
    const session = await login(reach, editor, []);
    return use(session, () => removeIn(reach, session, gone, stays));
  }
  const own = [stays.privateKey];
  const proof = await login(reach, stays.privateKey, own);
  return use(proof, async () => {
    const { editor: key, instead } = await editorOf(reach);
    if (key === undefined) return removeIn(reach, proof, gone, stays).catch(instead);
    const editor = await login(reach, key, own);
    return use(editor, () => removeIn(reach, editor, gone, stays));
  });
}

async function removeIn(
  reach: HostAccess,
  session: Session,
  gone: readonly Gone[],
  { publicKey, privateKey }: KnownKey,
): Promise<RemovedLines> {
  const { before, after } = await edit(session, (text) => {
    const next = gone.reduce((left, { publicKey }) => withKeyRemoved(left, publicKey), text);
    if (next !== text && linesOf(next, publicKey).length === 0) throw absent();
    return next;
  });
  const removed = gone.reduce((sum, { publicKey }) => sum + linesOf(before, publicKey).length, 0);
  if (before === after || privateKey === undefined) return { hostKey: session.hostKey, removed };
  try {
    return { ...(await proveKey(reach, { publicKey, privateKey })), removed };
  } catch (cause) {
    const back = (text: string) =>
      gone.reduce((left, one) => withLinesBack(left, before, one.publicKey, publicKey), text);
    await edit(session, (text) => (text === after ? before : back(text)));
    throw new VendingError('LOGIN_LOST', 'The remaining key could not log in after the other one was removed', {
      cause,
    });
  }
}

/** The present key is off the host already; that is as it should be if the coming one is on it. */
const alreadyIn = (reach: HostAccess, coming: KeyHalves, pair: readonly Secret[], refused: unknown): Promise<Session> =>
  login(reach, coming.privateKey, pair).catch((error: unknown) => {
    throw has(error, 'LOGIN_REFUSED') ? refused : error;
  });

/** How often an edit is begun again because others changed the file. */
const edits = 5;

/** @param change throws to leave the file as it is, or returns the same text */
async function edit(session: Session, change: (text: string) => string): Promise<{ before: string; after: string }> {
  for (let tries = 0; tries < edits; tries += 1) {
    const { text: before, digest } = await session.read();
    const after = change(before);
    if (after === before || (await session.replace(digest, after)) === 'replaced') return { before, after };
  }
  throw new VendingError('HOST_FILE_CHANGING', `authorized_keys was changed by others ${edits} times in a row`);
}

/** @param own the pair's own keys, which alone are shown to a jump host: a management key goes where its policy lists it */
const login = ({ hosts, host, options, own: more = [] }: HostAccess, key: Secret, own: readonly Secret[]) =>
  hosts.login(host, key, host.via === undefined ? options : { ...options, jumpKeys: [...own, ...more] });

async function use<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await session.close();
  }
}

const notStored = () =>
  new VendingError(
    'MANAGEMENT_KEY_ABSENT',
    'The key that is replaced is stored nowhere, so a management key has to edit',
  );

const has = (error: unknown, code: VendingError['code']) => error instanceof VendingError && error.code === code;
