// Our digests are those that hosts' own tools print.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { digestKind, digestOf } from '../../lib/hosts/digest.ts';
import { isInstalled } from '../moto.ts';

const printed = (program: string, input: Buffer) => spawnSync(program, { input, encoding: 'utf8' }).stdout.split(/\s+/);
const inputs = [0, 1, 255, 256, 65_536, 70_000].map((size) => Buffer.alloc(size, 'keyvend\xff\0', 'latin1'));

describe('a digest', () => {
  it('is what cksum prints', (context) => {
    if (!isInstalled('cksum')) context.skip('cksum is not installed');
    for (const input of inputs) {
      const [sum, size] = printed('cksum', input);
      expect(digestOf('cksum', input)).toBe(`cksum:${sum}-${size}`);
    }
  });

  it('is what sha256sum prints', (context) => {
    if (!isInstalled('sha256sum')) context.skip('sha256sum is not installed');
    for (const input of inputs) expect(digestOf('sha256', input)).toBe(`sha256:${printed('sha256sum', input)[0]}`);
  });

  it('says its kind, which no other text does', () => {
    expect(digestKind(digestOf('sha256', Buffer.of(1)))).toBe('sha256');
    expect(digestKind(digestOf('cksum', Buffer.of(1)))).toBe('cksum');
    for (const text of ['', 'sha256:', 'md5:00', `sha256:${'0'.repeat(64)}; rm -r /`, 'cksum:1-2\n']) {
      expect(digestKind(text)).toBeUndefined();
    }
  });
});
