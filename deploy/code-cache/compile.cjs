// Compiles a bundle ahead: V8's code cache of all its functions is put beside it, and a loader in its place. Run by the very Node that
// the function will have, with its options: V8 takes the code of no other version, architecture or flags.
// Given a bundle, it puts the loader in its place and the other two beside it, and prints what they were made for, as JSON.
'use strict';
const { hash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { basename, join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const [, , file] = process.argv;
const name = basename(file, '.js');
const source = readFileSync(file, 'utf8');

setFlagsFromString('--no-lazy'); // or only what was called by now is in the cache
const script = new Script(Module.wrap(source), { filename: `${name}.bundle.cjs` });
setFlagsFromString('--lazy'); // or nothing but a Node with that flag would take it
const compiled = script.createCachedData();

// This one gives the same bytes each time, and is none that V8 looks for in whoever takes them.
const options = process.execArgv.filter((option) => option !== '--predictable');
const madeFor = { node: process.versions.node, arch: process.arch, options };
const digest = hash('sha256', Buffer.concat([Buffer.from(source), compiled]), 'hex');
const loader = readFileSync(join(__dirname, 'loader.cjs'), 'utf8');
const filled = { NAME: name, DIGEST: digest, MADE_FOR: madeFor };

writeFileSync(file.replace(/\.js$/, '.bundle.cjs'), source);
writeFileSync(file.replace(/\.js$/, '.compiled'), compiled);
writeFileSync(
  file,
  loader.replaceAll(/'{{(\w+)}}'/g, (_, word) => JSON.stringify(filled[word])),
);
process.stdout.write(`${JSON.stringify(madeFor)}\n`);
