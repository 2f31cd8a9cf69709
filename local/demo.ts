// `npm run demo`, and with `-- --rotate` the life of one key on a host.
import { parseArgs } from 'node:util';
import { fail } from './fail.ts';

const { rotate } = (() => {
  try {
    return parseArgs({ options: { rotate: { type: 'boolean', default: false } } }).values;
  } catch {
    return fail('npm run demo takes --rotate, or nothing', 2);
  }
})();
process.env.POWERTOOLS_LOG_LEVEL ??= 'SILENT';
await (rotate ? import('./demo/demo-rotation.ts') : import('./demo/demo-vending.ts'));
