// What each script of package.json, and `npx keyvend`, begins with: `node local/on-node.cjs FILE ...` runs FILE with what follows, if this
// Node can. The one that comes with the development dependencies can; where it is missing (install scripts switched off, those
// dependencies left out) another one is found, which may be too old, and whose own words help nobody. So this file is read by Node 12.
const { existsSync } = require('node:fs');
const { builtinModules } = require('node:module');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const { engines } = require('../package.json');

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`keyvend: ${message}\n`);
  process.exit(1);
}

/** Node says by itself whether it strips types; SQLite is there without a switch in the versions that do so without one. */
function assertNode() {
  const strips = process.features.typescript;
  if (strips && (builtinModules.includes('node:sqlite') || process.getBuiltinModule('node:sqlite'))) return;
  fail(
    `this is Node ${process.versions.node}, and keyvend runs on ${engines.node}; run npm ci without --ignore-scripts and --omit=dev, which installs one for it, or put such a Node first on your PATH`,
  );
}

/** @param {string} file in the folder where it is run, or absolute */
function run(file) {
  assertNode();
  const path = resolve(file);
  process.argv[1] = path;
  import(pathToFileURL(path).href).catch((error) => {
    const missing =
      error && error.code === 'ERR_MODULE_NOT_FOUND' && /^Cannot find (?:package|module) '(.*?)'/.exec(error.message);
    if (!missing) throw error;
    fail(`${missing[1]} is not installed; run npm ci without --omit=dev`);
  });
}

if (require.main === module) {
  const [, , file] = process.argv;
  process.argv.splice(1, 1);
  if (file !== undefined) run(file);
  else {
    assertNode();
    // Other programs follow in the same script.
    if (!existsSync(join(__dirname, '../node_modules/typescript')))
      fail('typescript is not installed; run npm ci without --omit=dev');
  }
}

module.exports = { run };
