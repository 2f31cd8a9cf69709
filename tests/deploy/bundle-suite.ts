// What Lambda gets: one file per function that runs by itself.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { bundle } from '../../deploy/bundle.ts';
import { requiredVariables } from './function-suite.ts';
import { ofType, type Packaged } from './packaged.ts';
import { unzipped } from './zip.ts';

const run = promisify(execFile);
const examples: Readonly<Record<string, string>> = {
  KEYVEND_PLATFORM: 'aws',
  KEYVEND_LEDGER: 'dynamodb',
  KEYVEND_STORE: 'secrets-manager',
  KEYVEND_ACCESS: 'access.json',
  KEYVEND_DEPLOYMENT: 'example',
  KEYVEND_JWKS_URI: 'https://issuer.example.com/jwks',
  KEYVEND_ROTATION_QUEUE_URL: 'https://sqs.example.com/keyvend-rotation',
};
const environment = (): Record<string, string> =>
  Object.fromEntries(requiredVariables().map((name) => [name, examples[name] ?? 'example']));

export const bundles = (example: Packaged, again: Packaged) =>
  describe('bundles', () => {
    const all = ofType(example, 'AWS::Lambda::Function').map(([, { Properties }]) => ({
      zip: String(Properties.Code.S3Key.split('/').at(-1)),
      handler: String(Properties.Handler),
    }));
    const filesOf = (zip: string) => unzipped(readFileSync(join(example.folder, zip)));

    it.each(all)('$zip holds the one file of $handler, and the access document', ({ zip, handler }) => {
      const files = filesOf(zip);
      const script = `${handler.split('.')[0]}.js`;
      expect([...files.keys()].sort()).toEqual(['access.json', script]);
      const text = String(files.get(script));
      expect(text).not.toContain('sourceMappingURL');
      for (const path of [process.cwd(), example.folder, '/node_modules/'])
        expect(text.includes(path), path).toBe(false);
    });

    it.each(all)('$zip holds the very bytes that are measured and tested as its bundle', async ({ zip, handler }) => {
      const name = handler.split('.')[0]!.replace('functions/', '');
      const { file } = await bundle(name, join(example.folder, 'bundles'));
      expect(String(filesOf(zip).get(`functions/${name}.js`))).toBe(readFileSync(file, 'utf8'));
    });

    it('are the same bytes whenever they are packaged', () => {
      const digest = ({ folder }: Packaged, zip: string) =>
        createHash('sha256')
          .update(readFileSync(join(folder, zip)))
          .digest('hex');
      for (const { zip } of all) expect(digest(again, zip), zip).toBe(digest(example, zip));
    });

    it.each(all)(
      '$zip starts where nothing else is, and refuses to without its configuration',
      async ({ zip, handler }) => {
        const root = join(example.folder, zip.replace('.zip', ''));
        for (const [name, bytes] of filesOf(zip)) {
          mkdirSync(dirname(join(root, name)), { recursive: true });
          writeFileSync(join(root, name), bytes);
        }
        const [module = '', exported = ''] = handler.split('.');
        const script = `process.stdout.write(typeof require('./${module}.js').${exported})`;
        const start = (env: Record<string, string>) => run(process.execPath, ['-e', script], { cwd: root, env });

        const { stdout, stderr } = await start(environment());
        // Nothing else: nor is there an issuer, which is asked for its keys while a function is loaded.
        const other = stderr
          .split('\n')
          .filter((line) => line && !line.includes('"message":"issuer keys not fetched"'));
        expect({ stdout, other }).toEqual({ stdout: 'function', other: [] });
        const { KEYVEND_TABLE: _, ...lacking } = environment();
        await expect(start(lacking)).rejects.toMatchObject({
          stderr: expect.stringContaining('missing or wrong in the environment: KEYVEND_TABLE'),
        });
      },
    );
  });
