// The adapters as they are deployed, minified and without what is left out (deploy/left-out), in the suite that their
// sources pass. Nothing that was left out is called, or a TypeError would say so.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { bundled } from '../../deploy/bundle.ts';
import { serviceNames } from '../../local/clouds/state/registry.ts';
import { keyPairProviderContract } from '../conformance/key-pair-provider.ts';
import { localCloud, type Shipped } from '../conformance/local-clouds.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyvend-bundles-'));
const { file } = await bundled('tests/bundles/shipped.ts', join(folder, 'shipped.js'));
const shipped: Shipped = createRequire(import.meta.url)(file);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(serviceNames)('the bundled %s adapter', (name) => keyPairProviderContract(localCloud(name, shipped)));
