// What is shipped is what the page on licences and the bill of materials list.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle } from '../../deploy/bundle.ts';
import { runtimePackages } from '../../docs/licences.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyvend-licences-'));
afterAll(() => rmSync(folder, { recursive: true }));
const listed = runtimePackages().map(({ name }) => name);

describe('the packages of others', () => {
  it.each(['ens', 'ecs', 'cvm', 'catalog', 'lifecycle', 'recovery', 'rotation'])(
    'in the bundle of %s are all listed with their licences',
    async (name) => {
      const { metafile } = await bundle(name, folder);
      const inputs = Object.keys(Object.values(metafile.outputs)[0]!.inputs);
      const shipped = inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
      expect(shipped.length).toBeGreaterThan(10);
      expect([...new Set(shipped)].filter((one) => !listed.includes(one))).toEqual([]);
    },
  );

  it('are all in the bill of materials, and what is for development is not', () => {
    const { status, stdout } = spawnSync('npm', ['run', '--silent', 'sbom', '--', '--out', join(folder, 'sbom.json')], {
      encoding: 'utf8',
    });
    expect(status, stdout).toBe(0);
    const bill = JSON.parse(readFileSync(join(folder, 'sbom.json'), 'utf8')) as {
      bomFormat: string;
      components: { name: string; group?: string }[];
    };
    expect(bill.bomFormat).toBe('CycloneDX');
    const names = bill.components.map(({ group, name }) => (group ? `${group}/${name}` : name));
    expect(listed.filter((name) => !names.includes(name))).toEqual([]);
    for (const name of ['vitest', 'esbuild', 'serverless', 'tencentcloud-sdk-nodejs-common', 'node-fetch'])
      expect(names).not.toContain(name);
  });
});
