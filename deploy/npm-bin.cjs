#!/usr/bin/env node
// The command of the package: keyvend.mjs, or a sentence where this Node cannot run it. Read by Node 12.
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { engines } = require('../package.json');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || major === 23 || (major === 22 && minor < 13)) {
  process.stderr.write(`keyvend: this is Node ${process.versions.node}, and keyvend runs on ${engines.node}\n`);
  process.exit(1);
}
// In Node 22, SQLite prints that it is new; whoever reads the log knows what it is by now.
const { emitWarning } = process;
process.emitWarning = (warning, ...rest) => {
  if (!/SQLite is an experimental feature/.test(String(warning))) emitWarning.call(process, warning, ...rest);
};
import(pathToFileURL(join(__dirname, 'keyvend.mjs')).href).catch((error) => {
  process.stderr.write(`keyvend: ${error.message}\n`);
  process.exit(1);
});
