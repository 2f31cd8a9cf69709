import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { configurationFrom } from '../../../lib/platforms/configuration.ts';
import { rotationConfigurationFrom } from '../../../lib/platforms/rotation-configuration.ts';
import { init } from '../../../local/init.ts';
import { serverEnvironment, withAccess } from '../../../local/server-configuration.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyvend-init-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});
const file = () => join(folder, 'keyvend.yaml');

describe('what init writes', () => {
  it('is a configuration that can be started with, for its owner alone', () => {
    expect(init(folder)).toBe(true);
    const environment = withAccess(serverEnvironment(file(), {}));
    expect(configurationFrom(environment)).toMatchObject({
      KEYVEND_PLATFORM: 'serve',
      KEYVEND_HOME: join(folder, 'keyvend-data'),
    });
    expect(rotationConfigurationFrom(environment, 'serve')).toMatchObject({ KEYVEND_ROTATION_LEASE_MS: 240_000 });
    for (const name of ['keyvend.yaml', 'access.yaml']) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
  });

  it('has nothing in a comment that could not be said', () => {
    init(folder);
    const text = readFileSync(file(), 'utf8');
    const commented = /^# (?=[a-z-]+: )/gm;
    expect(text.match(commented)!.length).toBeGreaterThan(8);
    // Either of two ways to the same may be said, and not both.
    writeFileSync(file(), text.replace(commented, '').replace(/^passphrase-file.*$/m, ''));
    const environment = withAccess(serverEnvironment(file(), {}));
    expect(configurationFrom(environment)).toMatchObject({
      KEYVEND_LEDGER: 'postgres',
      KEYVEND_STORE: 'kv',
      KEYVEND_BASE_PATH: '/keyvend',
    });
    rotationConfigurationFrom(environment, 'serve');
  });

  it('touches nothing that is there', () => {
    writeFileSync(file(), 'mine');
    expect(init(folder)).toBe(false);
    expect(readFileSync(file(), 'utf8')).toBe('mine');
  });
});

describe('the configuration of a server', () => {
  const given = (text: string, environment: Record<string, string> = {}) => {
    writeFileSync(file(), text);
    return serverEnvironment(file(), environment);
  };

  it('is what the environment says, then the file, then what is usual; and paths are meant beside the file', () => {
    const text =
      'deployment: main\nhost-networks: [10.0.0.0/8, 192.168.0.0/16]\npostgres: { ca-file: ca.pem }\naccess: /etc/access.yaml';
    expect(given(text, { KEYVEND_DEPLOYMENT: 'other' })).toMatchObject({
      KEYVEND_DEPLOYMENT: 'other',
      KEYVEND_HOST_NETWORKS: '10.0.0.0/8,192.168.0.0/16',
      KEYVEND_POSTGRES_CA_FILE: join(folder, 'ca.pem'),
      KEYVEND_ACCESS: '/etc/access.yaml',
      KEYVEND_HOME: join(folder, 'keyvend-data'),
      KEYVEND_LEDGER: 'sqlite',
    });
  });

  it.each(['[]', 'text', 'deployment: [{}]', 'deployment: { a: [[1]] }'])(
    'is refused where it is %s, by where and not by what',
    (text) => {
      expect(() => given(text)).toThrow(TypeError);
      expect(() => given(text)).not.toThrow(/text|\{\}/);
    },
  );
});
