// One sample: a fresh process loads one handler as the runtime would (`require`, or `import` for an ES module), calls it once
// and says on descriptor 3 how long each took. Its own needs are few, so that what is counted is the handler's.
'use strict';
const { writeSync } = require('node:fs');
const [, , file, exported, event] = process.argv;
const parsed = JSON.parse(event);
const nowMs = () => Number(process.hrtime.bigint()) / 1e6; // `performance` would load what a handler may not need
const context = require('./context.cjs');

void (async () => {
  const known = new Set(process.moduleLoadList);
  const beganMs = nowMs();
  const functions = file.endsWith('.mjs') ? await import(file) : require(file);
  const loadedMs = nowMs();
  const answer = await functions[exported](parsed, context);
  const answeredMs = nowMs();
  const loaded = process.moduleLoadList.filter((name) => !known.has(name));
  const { user, system } = process.cpuUsage();
  const sample = {
    loadMs: loadedMs - beganMs,
    firstMs: answeredMs - loadedMs,
    cpuMs: (user + system) / 1_000,
    rssBytes: process.memoryUsage.rss(),
    builtins: loaded.length,
    undici: loaded.includes('NativeModule internal/deps/undici/undici'),
    answer,
  };
  writeSync(3, JSON.stringify(sample));
  process.exit(); // connections that are kept alive would hold it
})();
