// For `node --import`: prints which files of this project a process has loaded, as JSON on stderr, when it ends.
import { registerHooks } from 'node:module';

const root = new URL('../../', import.meta.url).href;
const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    if (url.startsWith(root)) loaded.add(url.slice(root.length));
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write(JSON.stringify([...loaded])));
