// `npm run demo`; with `-- --rotate` the life of one key on a host, with `-- --fleet` that of a pair which instances keep.
import { parseArgs } from 'node:util';
import { fail, sentenceOf } from './fail.ts';

const { rotate, fleet } = (() => {
  try {
    const options = {
      rotate: { type: 'boolean', default: false },
      fleet: { type: 'boolean', default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch {
    return fail('npm run demo takes --rotate or --fleet, or nothing', 2);
  }
})();
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
const demo = fleet
  ? import('./demo/demo-fleet.ts')
  : rotate
    ? import('./demo/demo-rotation.ts')
    : import('./demo/demo-vending.ts');
await demo.catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'ERR_MODULE_NOT_FOUND') throw error; // told by on-node.cjs
  fail(sentenceOf(error), 1);
});
