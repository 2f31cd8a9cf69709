'use strict';
const https = require('node:https');

const agent = new https.Agent({ keepAlive: true });

const send = ({ port, method, path, headBytes, bodyBytes, answerBytes }) =>
  new Promise((resolve, reject) => {
    const headers = { 'x-answer-bytes': answerBytes, 'content-length': bodyBytes, 'x-filler': 'x'.repeat(headBytes) };
    const request = https.request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      answer.on('data', () => {});
      answer.on('error', reject);
      answer.on('end', resolve);
    });
    request.on('error', reject);
    request.end(Buffer.alloc(bodyBytes, 'x'));
  });

/** @param plans the first is carried out at the first call, the second at every other one */
module.exports = ([first, later], answer) => {
  let called = false;
  return async () => {
    const calls = called ? later : first;
    called = true;
    for (const call of calls) await send(call);
    return answer;
  };
};
