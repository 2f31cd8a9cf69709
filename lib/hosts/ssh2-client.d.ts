// The client alone of ssh2, which has no entry of its own for it: with the package's comes a server, a maker of keys and agents
// over HTTP, a twentieth of what the one function that logs in weighs.
declare module 'ssh2/lib/client.js' {
  export { Client as default } from 'ssh2';
}
declare module 'ssh2/lib/protocol/keyParser.js' {
  const keys: Pick<typeof import('ssh2').utils, 'parseKey'>;
  export default keys;
}
