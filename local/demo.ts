// `npm run demo`; with `-- --rotate` the life of one key on a host, with `-- --fleet` that of a pair which instances keep;
// with `-- --platform fc` what is packaged for Function Compute.
import { parseArgs } from 'node:util';
import { fail, sentenceOf } from './fail.ts';

const { rotate, fleet, platform } = (() => {
  try {
    const options = {
      rotate: { type: 'boolean', default: false },
      fleet: { type: 'boolean', default: false },
      platform: { type: 'string' },
    } as const;
    const { values } = parseArgs({ options });
    if (values.platform !== undefined && values.platform !== 'fc') throw new TypeError('no such demo');
    return values;
  } catch {
    return fail('npm run demo takes --rotate, --fleet or --platform fc, or nothing', 2);
  }
})();
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
const demo = platform
  ? import('./demo/demo-fc.ts')
  : fleet
    ? import('./demo/demo-fleet.ts')
    : rotate
      ? import('./demo/demo-rotation.ts')
      : import('./demo/demo-vending.ts');
await demo.catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') throw error; // told by on-node.cjs
  fail(sentenceOf(error), 1);
});
