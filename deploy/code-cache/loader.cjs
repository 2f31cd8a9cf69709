// Stands where a bundle was, and runs it from code that was compiled ahead. Where that does not fit, the bundle is compiled here as it
// always was, and one line of the log says so.
'use strict';
const { hash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { wrap } = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

const name = '{{NAME}}';
const filename = join(__dirname, `${name}.bundle.cjs`);
const source = readFileSync(filename);
const compiled = read(join(__dirname, `${name}.compiled`));
// V8 compares the length of the source, and nothing else of it.
const isWhole = compiled !== undefined && hash('sha256', Buffer.concat([source, compiled]), 'hex') === '{{DIGEST}}';
const script = new Script(wrap(source.toString()), { filename, ...(isWhole && { cachedData: compiled }) });
if (!isWhole) tell(compiled === undefined ? 'it is missing' : 'it is of another bundle');
else if (script.cachedDataRejected) tell('it was made for another Node');
script.runInThisContext().call(module.exports, module.exports, require, module, filename, __dirname);

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function tell(why) {
  const here = { node: process.versions.node, arch: process.arch, options: process.execArgv };
  const line = {
    level: 'WARN',
    message: 'compiled code is not used',
    service: 'keyvend',
    why,
    madeFor: '{{MADE_FOR}}',
    here,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
