// Addresses as we read them, held against Node's own block list, which reads them by itself.
import { BlockList, isIPv4, SocketAddress } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressOf, isIn, isNeverHost, neverHosts } from '../../lib/hosts/addresses.ts';
import { areNetworks } from '../../lib/hosts/host-rules.ts';
import { random } from '../doubles/random.ts';

const hex = (address: string) => Buffer.from(addressOf(address) ?? []).toString('hex');

describe('an address', () => {
  it.each([
    ['127.0.0.1', '7f000001'],
    ['::1', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['2001:DB8::1:0:0:1', '20010db8000000000001000000000001'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['64:ff9b::127.0.0.1', '0064ff9b00000000000000007f000001'],
    ['::127.0.0.1', '0000000000000000000000007f000001'],
    ['::7f00:1', '0000000000000000000000007f000001'],
    ['::ffff:169.254.169.254', 'a9fea9fe'],
    ['::FFFF:a9fe:a9fe', 'a9fea9fe'],
    ['0:0:0:0:0:ffff:7f00:1', '7f000001'],
  ])('%s is read as the bytes that it stands for', (text, bytes) => expect(hex(text)).toBe(bytes));

  it.each([
    ...[
      '127.1',
      '0x7f000001',
      '2130706433',
      '0177.0.0.1',
      '0',
      '127.0.0.01',
      '１２７.0.0.1',
      '',
      'localhost',
      '1.2.3.4.',
    ],
    ...['fe80::1%eth0', '::1%lo', '[::1]', ':::', '1::2::3', '12345::', '127.0.0.1/8', ' 127.0.0.1'],
  ])('%j is none, whatever a resolver makes of it', (text) => expect(addressOf(text)).toBeUndefined());

  it('is in a network exactly when Node finds it there, for 20,000 of them in any spelling', () => {
    const chance = random(5);
    const byNode = neverHosts.map((network) => {
      const list = new BlockList();
      list.addSubnet(network.address, network.bits, isIPv4(network.address) ? 'ipv4' : 'ipv6');
      return { network, list };
    });
    let inside = 0;
    for (let i = 0; i < 20_000; i += 1) {
      // Of one of the networks in every second case, else they would hardly ever be met.
      const { network } = chance.pick(byNode);
      const bytes = network.base.map((byte, at) =>
        chance.chance(0.5) || at * 8 >= network.bits ? chance.below(256) : byte,
      );
      const plain = network.base.length === 4 ? bytes.join('.') : spelt(bytes);
      const text = chance.chance(0.5) ? plain : plain.toUpperCase();
      for (const { network: one, list } of byNode) {
        const node = isIPv4(one.address) === isIPv4(text) && list.check(text, isIPv4(text) ? 'ipv4' : 'ipv6');
        expect(isIn(one, addressOf(text)!), `${text} in ${one.text}`).toBe(node);
        inside += node ? 1 : 0;
      }
    }
    expect(inside).toBeGreaterThan(2_000);
  });

  /** As Node writes it, with the longest run of zeros left out; or in full. */
  const spelt = (bytes: readonly number[]): string => {
    const full = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16)).join(':');
    return bytes[15]! % 2 === 0 ? full : new SocketAddress({ address: full, family: 'ipv6' }).address;
  };
});

describe('a place where no host is', () => {
  it.each([
    ...['0.0.0.0', '169.254.169.254', '100.100.100.200', '100.100.2.136', '100.100.2.138'],
    ...['168.63.129.16', '192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.9', '203.0.113.9', '224.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::7f00:1', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe'],
    ...['64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', 'fd00:ec2::254', 'fe80::1', 'fec0::1'],
    ...['ff02::1', '3fff::1', '4000::1', '8000::1', '1::1', '5f00::1'],
  ])('%s is one', (address) => expect(isNeverHost(addressOf(address)!)).toBe(true));

  it.each([
    ...[
      '10.0.0.1',
      '172.16.9.9',
      '192.168.1.1',
      '100.64.0.1',
      '100.127.255.255',
      '8.8.8.8',
      '100.100.2.135',
      '168.63.129.17',
    ],
    ...['fd12:3456::1', 'fc00::1', '2400:3200::1', '2600::1', '2001:4860:4860::8888'],
  ])('%s is not one: it is for the allowed networks to say', (address) =>
    expect(isNeverHost(addressOf(address)!)).toBe(false),
  );
});

describe('a list of networks', () => {
  it.each(['', '10.0.0.0/8', '10.0.0.0/8,fd12:3456::/32', '0.0.0.0/0,::/0', '100.64.0.0/10', '10.1.2.3/32'])(
    'may be %j',
    (list) => expect(areNetworks(list)).toBe(true),
  );
  it.each([
    ...[
      '10.0.0.0',
      '10.0.0.1/8',
      '10.0.0.0/33',
      'fd00::/129',
      '10.0.0.0/8;',
      '10.0.0.0/8 ,fd00::/8',
      'any',
      '::ffff:10.0.0.0/104',
    ],
    ...[
      '127.0.0.0/8',
      '127.0.0.1/32',
      '::1/128',
      '169.254.169.254/32',
      '192.0.2.0/24',
      'fd00:ec2::/32',
      '64:ff9b::/96',
    ],
  ])('may not be %j', (list) => expect(areNetworks(list)).toBe(false));
  it('may have loopback in it on one machine, and nothing else of what is never allowed', () => {
    expect(areNetworks('127.0.0.0/8,::1/128', true)).toBe(true);
    expect(areNetworks('127.0.0.1/32,169.254.0.0/16', true)).toBe(false);
  });
});
