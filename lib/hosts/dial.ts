// The way to a host: its name is resolved once, the addresses are decided on, and one of those very addresses is connected to. A
// name that is answered otherwise the next time has been decided on anew by then.
import { lookup } from 'node:dns/promises';
import { BlockList, connect, isIPv6, type LookupFunction, type Socket } from 'node:net';
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

/** @param turnedAway called, before anything is sent, when the far end is none of the addresses that were decided on */
export function dial({ addresses, port, blocked }: Destination, turnedAway: () => void): Socket {
  const [first] = addresses;
  // Several are tried in turn by Node, which asks for them as it would ask the resolver.
  const decided: LookupFunction = (_name, { all }, found) => {
    const entries = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    if (all) found(null, entries);
    else found(null, entries[0]!.address, entries[0]!.family);
  };
  const to = addresses.length === 1 ? { host: first! } : { host: 'decided.invalid', lookup: decided };
  const socket = connect({ ...to, port, noDelay: true, blockList: blocked });
  socket.once('connect', () => {
    const far = same(socket.remoteAddress ?? '');
    if (!addresses.some((address) => same(address) === far)) turnedAway();
  });
  return socket;
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
