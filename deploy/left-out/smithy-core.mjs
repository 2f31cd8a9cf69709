// In place of @smithy/core's serde, protocols and client in the bundles: those of its parts that AWS's request signer uses. Its
// index files make classes for blobs and streams when they are loaded, 3 KB and a millisecond of a cold start that nobody here
// needs. Hexadecimal and UTF-8 are Node's own instead of what it has for browsers, 1 KB with a table that is made at the start;
// of its class of requests the signer uses only the copy it makes of one. A test compares signatures with and without this.
export { escapeUri } from '../../node_modules/@smithy/core/dist-es/submodules/protocols/util-uri-escape/escape-uri.js';
export { writeKey } from '../../node_modules/@smithy/core/dist-es/submodules/serde/writeKey.js';
export { hasOwn } from '../../node_modules/@smithy/core/dist-es/submodules/transport/hasOwn.js';
export { normalizeProvider } from '../../node_modules/@smithy/core/dist-es/submodules/transport/normalizeProvider.js';

export const toUint8Array = (data) => (data instanceof Uint8Array ? data : Buffer.from(data));
export const fromUtf8 = (text) => Buffer.from(text);
export const isArrayBuffer = (value) => value instanceof ArrayBuffer;
export const toHex = (bytes) => Buffer.from(bytes).toString('hex');
export const fromHex = (text) => Buffer.from(text, 'hex');
export const HttpRequest = {
  clone: (request) => ({ ...request, headers: { ...request.headers }, query: { ...request.query } }),
};
