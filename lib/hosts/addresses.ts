// What an IP address is: read by ourselves, because an address has many spellings and the readers of others disagree on them.
// Sources: RFC 4291, RFC 6890 and the IANA registries of special-purpose addresses; the clouds' own pages for their metadata.
import { isIPv4, isIPv6 } from 'node:net';

/** Four bytes or sixteen. An IPv4 address that is mapped into IPv6 (`::ffff:a.b.c.d`) is the IPv4 address that it leads to. */
export type Address = readonly number[];

/** @returns undefined for what is no address in its usual spelling, such as `127.1`, `0x7f000001` or one with a scope */
export function addressOf(text: string): Address | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const quad = /(?<=:)[\d.]+$/.exec(text)?.[0];
  const tail = quad?.includes('.') ? quad.split('.').map(Number) : undefined;
  const last = tail && `${pair(tail[0]!, tail[1]!)}:${pair(tail[2]!, tail[3]!)}`;
  const groups = last === undefined ? text : `${text.slice(0, -quad!.length)}${last}`;
  const [before = '', after] = groups.split('::');
  const [head, rest] = [before, after ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head!.length - rest!.length).fill('0');
  const bytes = [...head!, ...zeros, ...rest!].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.slice(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 255)) ? bytes.slice(12) : bytes;
}

const pair = (high: number, low: number): string => (high * 256 + low).toString(16);

/** A network as it is written: `10.0.0.0/8`. */
export interface Network {
  readonly text: string;
  readonly address: string;
  readonly base: Address;
  readonly bits: number;
}

/** @returns undefined for what is no network in CIDR notation, and for one that has bits set beyond its length */
export function networkOf(text: string): Network | undefined {
  const [, address = '', length = ''] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const base = addressOf(address);
  const bits = Number(length);
  // A mapped network would be read as the IPv4 one, with a length that is not meant for it.
  if (base === undefined || bits > base.length * 8 || (base.length === 4) !== isIPv4(address)) return undefined;
  const network = { text, address, base, bits };
  return base.some((byte, i) => (byte & ~maskOf(bits, i) & 255) !== 0) ? undefined : network;
}

const maskOf = (bits: number, at: number): number => (0xff00 >> Math.min(8, Math.max(0, bits - 8 * at))) & 255;

export const isIn = ({ base, bits }: Network, address: Address): boolean =>
  base.length === address.length && base.every((byte, i) => (address[i]! & maskOf(bits, i)) === byte);

/** Whether all of the second one lies in the first one. */
export const contains = (wide: Network, narrow: Network): boolean =>
  wide.bits <= narrow.bits && isIn(wide, narrow.base);

const networks = (...texts: readonly string[]): readonly Network[] => texts.map((text) => networkOf(text)!);

export const loopback = networks('127.0.0.0/8', '::1/128');

/** Where no host is that a key pair could open, whoever lists it. */
export const neverHosts = networks(
  '0.0.0.0/8',
  '169.254.0.0/16', // link-local, and the metadata of nearly every cloud
  '100.100.100.200/32', // Alibaba's metadata,
  '100.100.2.136/31', // and its name servers
  '100.100.2.138/32',
  '168.63.129.16/32', // Azure's
  '192.0.0.0/24',
  '192.88.99.0/24', // to 6to4 relays
  '198.18.0.0/15', // benchmarks
  '192.0.2.0/24', // documentation, and the next two
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4',
  '::/96', // unspecified, loopback, and IPv4 without a translator
  '64:ff9b::/96', // translated into IPv4, wherever that leads
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23', // Teredo and other protocols' own
  '2001:db8::/32', // documentation, and 3fff::/20
  '2002::/16', // 6to4
  '3fff::/20',
  '5f00::/16',
  'fd00:ec2::/32', // the metadata of AWS
  'fe80::/9', // link-local and site-local
  'ff00::/8', // multicast
);

/** The only parts of IPv6 in which machines have addresses: global unicast, and unique local. */
const assigned = networks('2000::/3', 'fc00::/7');

export const isNeverHost = (address: Address): boolean =>
  neverHosts.some((network) => isIn(network, address)) ||
  (address.length > 4 && !assigned.some((network) => isIn(network, address)));
