// One process: loads one handler, calls it for a new pair, again for another one, and once more after it was idle. Says on descriptor 3
// how long each took, the first with its loading.
'use strict';
const { writeSync } = require('node:fs');
const [, , file, exported, events, idleMs] = process.argv;
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const context = require('../cold-start/context.cjs');
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

void (async () => {
  const [cold, warm, idle] = JSON.parse(events);
  const beganMs = nowMs();
  const functions = file.endsWith('.mjs') ? await import(file) : require(file);
  const answers = [await functions[exported](cold, context)];
  const coldMs = nowMs() - beganMs;
  const timed = async (event) => {
    const startMs = nowMs();
    answers.push(await functions[exported](event, context));
    return nowMs() - startMs;
  };
  const warmMs = await timed(warm);
  let afterIdleMs;
  if (idle !== undefined) {
    await wait(Number(idleMs));
    afterIdleMs = await timed(idle);
  }
  writeSync(3, JSON.stringify({ coldMs, warmMs, afterIdleMs, answers }));
  process.exit(); // connections that are kept alive would hold it
})();
