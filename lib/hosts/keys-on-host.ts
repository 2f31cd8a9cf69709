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

/** How a host is reached. */
export interface HostAccess {
  readonly hosts: Hosts;
  readonly host: Host;
  readonly options: LoginOptions;
  /** Fetches the private key of another pair that logs in as the same user and may run commands; throws where it may not. */
  readonly management?: () => Promise<Secret>;
}

/** The host key that was shown, `SHA256:...`: what to pin. */
export interface ShownHostKey {
  readonly hostKey: string;
}

/**
 * Puts a line for the coming key after each line of the present one, with its options.
 * @throws {VendingError} LOGIN_REFUSED when the key that edits is refused, unless the coming one is in already;
 * HOST_COMMAND_FORCED when the present key runs no edit and there is no management key; HOST_LINE_ABSENT, HOST_FILE_CHANGING,
 * and what `Hosts` and `Session` throw
 */
export async function addKey(reach: HostAccess, present: KeyHalves, coming: KeyHalves): Promise<ShownHostKey> {
  const editor = reach.management ? await reach.management() : present.privateKey;
  // The jump host may have gone from one key to the other already, or not yet.
  const pair = [present.privateKey, coming.privateKey];
  const session = await login(reach, editor, pair).catch((error: unknown) => {
    if (reach.management || !has(error, 'LOGIN_REFUSED')) throw error;
    return alreadyIn(reach, coming, pair, error);
  });
  return use(session, async () => {
    await edit(session, (text) => {
      const next = withKeyAdded(text, present.publicKey, coming.publicKey);
      const forced = linesOf(text, present.publicKey).some(({ options }) => forcesCommand(options));
      if (next !== text && forced && !reach.management) {
        throw new VendingError('HOST_COMMAND_FORCED', "The key's line in authorized_keys forces a command");
      }
      return next;
    });
    return { hostKey: session.hostKey };
  });
}

/** Logs in with the key and with nothing else; runs no command. */
export async function proveKey(reach: HostAccess, key: KeyHalves): Promise<ShownHostKey> {
  const session = await login(reach, key.privateKey, [key.privateKey]);
  return use(session, async () => ({ hostKey: session.hostKey }));
}

/**
 * Takes a key's lines out, and has the key that stays log in once more before the session that can put them back ends.
 * @throws {VendingError} HOST_LINE_ABSENT when the key that stays has no line of its own: nothing was removed; LOGIN_LOST when
 * it was refused afterwards: the lines are back; what `Hosts` and `Session` throw: the lines may be gone
 */
export async function removeKey(
  reach: HostAccess,
  gone: Pick<KeyHalves, 'publicKey'>,
  stays: KeyHalves,
): Promise<ShownHostKey> {
  const own = [stays.privateKey];
  const proof = await login(reach, stays.privateKey, own);
  return use(proof, async () => {
    if (!reach.management) return removeIn(reach, proof, gone, stays);
    const editor = await login(reach, await reach.management(), own);
    return use(editor, () => removeIn(reach, editor, gone, stays));
  });
}

async function removeIn(
  reach: HostAccess,
  session: Session,
  gone: Pick<KeyHalves, 'publicKey'>,
  stays: KeyHalves,
): Promise<ShownHostKey> {
  const { before, after } = await edit(session, (text) => {
    const next = withKeyRemoved(text, gone.publicKey);
    if (next !== text && linesOf(next, stays.publicKey).length === 0) throw absent();
    return next;
  });
  if (before === after) return { hostKey: session.hostKey };
  try {
    return await proveKey(reach, stays);
  } catch (cause) {
    await edit(session, (text) =>
      text === after ? before : withLinesBack(text, before, gone.publicKey, stays.publicKey),
    );
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
const login = ({ hosts, host, options }: HostAccess, key: Secret, own: readonly Secret[]) =>
  hosts.login(host, key, host.via === undefined ? options : { ...options, jumpKeys: own });

async function use<T>(session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await session.close();
  }
}

const has = (error: unknown, code: VendingError['code']) => error instanceof VendingError && error.code === code;
