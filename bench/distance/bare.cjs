// The calls of the floor, one after the other.
'use strict';
const { send } = require('../cold-start/floor.cjs');

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
