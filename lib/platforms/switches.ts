// Switches of Node's own with which a process shows what it sends and receives, or no longer checks whom it talks to. They are
// meant for programs without secrets, so a process with keys does not start with them. Which ones these are was tried out, one by
// one (tests/bundles/switches.test.ts).
import type { Environment } from '../environment.ts';

/** What is printed (NODE_DEBUG, NODE_DEBUG_NATIVE), and TLS without certificates. */
const variable = (name: string, value = '') =>
  (name.startsWith('NODE_DEBUG') && value !== '') || (name === 'NODE_TLS_REJECT_UNAUTHORIZED' && value === '0');

/** A debugger for whoever is on the machine; the keys of TLS sessions; dumps of memory and of the environment; lax parsing. */
const option =
  /^--(?:inspect|tls-keylog|trace-tls|trace$|heapsnapshot-|report-|abort-on-uncaught-exception|insecure-http-parser|experimental-network-)[a-z-]*/;

/** @throws {TypeError} naming every such switch, and no value */
export function refuseSwitches(environment: Environment, execArgv: readonly string[]): void {
  const words = [...execArgv, ...(environment.NODE_OPTIONS ?? '').split(/[\s"'\\]+/)];
  const names = [
    ...Object.keys(environment).filter((name) => variable(name, environment[name])),
    // Node takes underscores for hyphens.
    ...words.flatMap((word) => option.exec(word.replaceAll('_', '-'))?.[0] ?? []),
  ];
  if (names.length > 0) throw new TypeError(`unset these, they expose keys or switch checks off: ${names.join(', ')}`);
}
