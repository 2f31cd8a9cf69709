// One function of the package in a process of its own, called as its runtime would call it: one event after the other, over the channel of
// the process that started it.
'use strict';
const [, , file, exported] = process.argv;
// Its clocks are set forward with everybody else's, so that nothing has to be waited for.
const [wall, monotonic] = [Date.now, process.hrtime.bigint];
let aheadMs = 0;
Date.now = () => wall() + aheadMs;
process.hrtime.bigint = () => monotonic() + BigInt(aheadMs) * 1_000_000n;
const functions = require(file);
process.on('message', ({ id, event, timeoutMs, setAheadMs }) => {
  aheadMs = setAheadMs;
  const endMs = Date.now() + timeoutMs;
  const context = {
    awsRequestId: '00000000-0000-4000-8000-000000000000',
    functionName: exported,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${exported}`,
    memoryLimitInMB: '1024',
    getRemainingTimeInMillis: () => endMs - Date.now(),
  };
  Promise.resolve(functions[exported](event, context)).then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, error: { name: error.name, message: error.message, code: error.code } }),
  );
});
process.send('ready');
