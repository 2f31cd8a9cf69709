// Which hosts may be logged in on: the operator's networks, names and ports. What a caller lists is an address to which this
// process connects from inside the operator's network, so nothing is allowed that was not named, and some things never are.
import { BlockList, isIPv4 } from 'node:net';
import { VendingError } from '../errors.ts';
import {
  type Address,
  addressOf,
  contains,
  isIn,
  isNeverHost,
  loopback,
  type Network,
  networkOf,
  neverHosts,
} from './addresses.ts';
import type { Host } from './hosts.ts';

/** As the configuration says it: lists separated by commas. */
export interface HostRulesText {
  /** `10.0.0.0/8,fd12:3456::/32`; empty for none, and then nothing can be logged in on. */
  readonly networks: string;
  /** `*.example.com,bastion.example.net`; empty for any name. */
  readonly names: string;
  /** `22,2200-2299`. */
  readonly ports: string;
}

export interface HostRules {
  /** @returns what forbids it, in the operator's words and never in the caller's; undefined for a name that may be resolved */
  refusal(host: Pick<Host, 'host' | 'port'>): { readonly field: 'host' | 'port'; readonly detail: string } | undefined;
  /**
   * Of the addresses that a name has, those that may be connected to.
   * @throws {VendingError} HOST_FORBIDDEN when one of them is where no host is, or none is allowed
   */
  allowed(addresses: readonly string[]): readonly string[];
  /** The same for Node, which holds every address against it once more before a packet leaves. */
  readonly blocked: BlockList;
}

export const forbidden = (): VendingError => new VendingError('HOST_FORBIDDEN', 'No login is allowed on this host');

/** Names that lead to the machine itself, into the cluster that runs it, or to a cloud's metadata. */
const neverNames = [
  ...['localhost', '*.localhost', 'localhost.localdomain', 'ip6-localhost', 'ip6-loopback'],
  ...['cluster.local', '*.cluster.local', '*.svc', '*.docker.internal', '*.containers.internal'],
  ...['metadata', 'metadata.internal', 'metadata.google.internal', 'metadata.azure.internal'],
  ...['metadata.tencentyun.com', 'instance-data', 'instance-data.ec2.internal'],
];

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const hostName = new RegExp(`^(?:${label}\\.)*${label}$`);
/** A name whose last part is a number, in whatever base, is taken for an address by resolvers: `127.1`, `0x7f000001`. */
const numeric = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i;

/** Whether it is a DNS name, or an IP address in its usual spelling. */
export const isHost = (text: string): boolean =>
  addressOf(text) !== undefined || (text.length <= 253 && hostName.test(text) && !numeric.test(text));

/** What is not an operator's to allow: said without the network that it is, since that may be a single address. */
const NEVER_THERE =
  'is where no login is ever allowed: loopback, link-local, metadata, translated, multicast or reserved addresses';
const NEVER_SO_NAMED = 'is a name on which no login is ever allowed: of this machine, of a cluster or of metadata';

const partsOf = (list: string): string[] => list.split(',').filter((part) => part !== '');
const matches = (pattern: string, name: string): boolean =>
  pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) && name.length >= pattern.length : name === pattern;

/** @param local whether loopback may be listed, as only a stack on one machine has reason to */
export function areNetworks(list: string, local = false): boolean {
  return partsOf(list).every((text) => {
    const network = networkOf(text);
    const isLoopback = network && loopback.some((wide) => contains(wide, network));
    if (isLoopback) return local;
    return network !== undefined && !neverHosts.some((wide) => contains(wide, network));
  });
}
export const areNames = (list: string): boolean =>
  partsOf(list).every((pattern) => hostName.test(pattern.replace(/^\*\./, '')));
export const arePorts = (list: string): boolean =>
  partsOf(list).every((part) => {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    return Number(from) >= 1 && Number(from) <= Number(to) && Number(to) <= 65_535;
  });

export function hostRules({ networks: listed, names, ports }: HostRulesText): HostRules {
  const networks = partsOf(listed).map((text) => networkOf(text)!);
  const lifted = loopback.filter((wide) => networks.some((network) => contains(wide, network)));
  const isLoopback = (address: Address) => loopback.some((network) => isIn(network, address));
  const never = (address: Address): boolean =>
    isLoopback(address) ? !lifted.some((network) => isIn(network, address)) : isNeverHost(address);
  const isListed = (address: Address) => networks.some((network) => isIn(network, address));

  const atAddress = (address: Address): string | undefined => {
    if (never(address)) return NEVER_THERE;
    if (isListed(address)) return undefined;
    return networks.length === 0 ? 'is in no allowed network: none is' : `is in no allowed network: ${listed}`;
  };
  const atName = (name: string): string | undefined => {
    if (neverNames.some((pattern) => matches(pattern, name))) return NEVER_SO_NAMED;
    if (names === '' || partsOf(names.toLowerCase()).some((pattern) => matches(pattern, name))) return undefined;
    return `is none of the allowed names: ${names}`;
  };

  return {
    refusal({ host, port }) {
      const isAllowedPort = partsOf(ports).some((part) => {
        const [from, to = from] = part.split('-').map(Number);
        return port >= from! && port <= to!;
      });
      if (!isAllowedPort) return { field: 'port', detail: `is none of the allowed ports: ${ports}` };
      const address = addressOf(host);
      const plain = host.toLowerCase();
      const detail = address
        ? atAddress(address)
        : isHost(host)
          ? atName(plain)
          : 'is neither a DNS name nor an IP address';
      return detail === undefined ? undefined : { field: 'host', detail };
    },
    allowed(addresses) {
      const read = addresses.map((text) => ({ text, address: addressOf(text) }));
      // A name that leads to a place where no host is, with one of its addresses, is not a host's name.
      if (read.some(({ address }) => address === undefined || never(address))) throw forbidden();
      const rest = read.filter(({ address }) => isListed(address!)).map(({ text }) => text);
      if (rest.length === 0) throw forbidden();
      return rest;
    },
    blocked: blockListOf(lifted),
  };
}

function blockListOf(lifted: readonly Network[]): BlockList {
  const blocked = new BlockList();
  const isLifted = (network: Network) => lifted.some((one) => contains(network, one));
  for (const network of [...loopback, ...neverHosts].filter((one) => !isLifted(one)))
    blocked.addSubnet(network.address, network.bits, isIPv4(network.address) ? 'ipv4' : 'ipv6');
  return blocked;
}
