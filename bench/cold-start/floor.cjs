// What no handler can be faster than that makes these calls with Node's own client: the same number of them, to the same
// hosts, in the same order, as large, those side by side that ours makes side by side. Nothing is signed, parsed or checked.
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

/** @param calls each is sent once so many answers have come as had come when ours was recorded to send it */
module.exports = (calls, answer) => async () => {
  let [sent, answered] = [0, 0];
  await new Promise((resolve, reject) => {
    const go = () => {
      if (answered === calls.length) resolve();
      while (sent < calls.length && calls[sent].after <= answered) {
        send(calls[sent]).then(() => {
          answered += 1;
          go();
        }, reject);
        sent += 1;
      }
    };
    go();
  });
  return answer;
};

module.exports.send = send;
