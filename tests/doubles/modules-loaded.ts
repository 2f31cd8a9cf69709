// For `node --import`: prints which files below MODULES_BELOW, by default those of this project, a process has loaded, as JSON on stderr,
// when it ends.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const { MODULES_BELOW: below } = process.env;
const root = below === undefined ? new URL('../../', import.meta.url).href : `${pathToFileURL(below).href}/`;
const loaded = new Set<string>();
registerHooks({
  load(url, context, next) {
    if (url.startsWith(root)) loaded.add(url.slice(root.length));
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write(JSON.stringify([...loaded])));
