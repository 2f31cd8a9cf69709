// What a runtime tells a handler about its invocation.
'use strict';
module.exports = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  functionName: 'bench',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:bench',
  memoryLimitInMB: '1024',
  getRemainingTimeInMillis: () => 29_000,
};
