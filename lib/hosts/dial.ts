// The way to a host: its name is resolved once, the addresses are decided on, and one of those very addresses is connected to. A
// name that is answered otherwise the next time has been decided on anew by then.
import { lookup } from 'node:dns/promises';
import { BlockList, connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { HEAD_START_MS, race } from '../transport/race.ts';
import { addressOf } from './addresses.ts';
import { forbidden, type HostRules } from './host-rules.ts';
import type { Host } from './hosts.ts';
import { unreachable } from './remote-edit.ts';

/** Every address that a name has. */
export type Resolve = (name: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/** Where a host may be connected to. */
export interface Destination {
  /** One at least. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly blocked: BlockList;
}

/** @throws {VendingError} HOST_FORBIDDEN; HOST_UNREACHABLE when the name has no address */
export async function destinationOf(
  { host, port }: Pick<Host, 'host' | 'port'>,
  rules: HostRules,
  resolve: Resolve,
): Promise<Destination> {
  if (rules.refusal({ host, port }) !== undefined) throw forbidden();
  const found =
    addressOf(host) === undefined
      ? await resolve(host).catch(() => {
          throw unreachable('The name of the host was not found');
        })
      : [host];
  if (found.length === 0) throw unreachable('The name of the host has no address');
  return { addresses: rules.allowed(found), port, blocked: rules.blocked };
}

export { HEAD_START_MS };

/**
 * To whichever of the addresses answers first.
 * @param over aborted when nobody waits any more; then nothing of it is left open
 * @throws {VendingError} HOST_FORBIDDEN when the far end is none of the addresses that were decided on; nothing was sent then
 * @throws {Error} Node's, when none of them takes the connection
 */
export function dial({ addresses, port, blocked }: Destination, over: AbortSignal): Promise<Socket> {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  const decided: LookupFunction = (_name, _options, found) => found(null, entries);
  // No resolver is asked for this name: it stands for the addresses, in whatever order they came.
  const to = { host: [...addresses].sort().join(), lookup: decided };
  return new Promise((resolve, reject) =>
    race({ ...to, port, noDelay: true, blockList: blocked, over }, (error, socket) => {
      const far = same(socket?.remoteAddress ?? '');
      if (socket === undefined) reject(error!);
      else if (addresses.some((address) => same(address) === far)) resolve(socket);
      else {
        socket.resetAndDestroy();
        reject(forbidden());
      }
    }),
  );
}

const same = (address: string): string => String(addressOf(address));

let probed: Promise<void> | undefined;

/** Once for the process. @throws {TypeError} where Node connects to what it was told to block, as it did before 22.13 */
export const assertBlocks = (): Promise<void> => (probed ??= blocks());

async function blocks(): Promise<void> {
  const blockList = new BlockList();
  blockList.addAddress('127.0.0.1');
  const code = await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: 9, blockList }, () => resolve('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once('connect', () => socket.destroy());
  });
  if (code !== 'ERR_IP_BLOCKED') throw new TypeError('this Node connects to addresses that it is told to block');
}
