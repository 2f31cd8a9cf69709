// In place of json-bigint (with bignumber.js, 24 KB) in the bundles. Tencent's signing code spells a payload with it that is an
// object; ours is always the very bytes that are sent, so it is never called.
module.exports = () => ({
  stringify() {
    throw new TypeError('a payload is signed as bytes');
  },
});
