#!/usr/bin/env node
// `npx keyvend <command>`: local/keyvend.ts, or a sentence where this Node cannot run it.
const { join } = require('node:path');
const { run } = require('./on-node.cjs');

run(join(__dirname, 'keyvend.ts'));
