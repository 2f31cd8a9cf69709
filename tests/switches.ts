// Switches of Node and of packages, each with what was found when it was tried: whether a process with keys may start with it.

export interface Switch {
  /** As it is set in the environment; in `NODE_OPTIONS` where it begins with two hyphens. `FOLDER` is an empty folder. */
  readonly set: string;
  /** Whether it is refused at the start, by this name. Else nothing of a key may be in what is printed and written. */
  readonly refused?: string;
}

export const switches: readonly Switch[] = [
  { set: 'NODE_TLS_REJECT_UNAUTHORIZED=0', refused: 'NODE_TLS_REJECT_UNAUTHORIZED' },
  // Each prints something else of what goes over the line; `child_process` prints environments, `stream` what was read.
  ...['http', 'https', 'net', 'stream', 'tls', 'child_process', 'HTTP', 'x,http', '*', 'net,stream,http,tls'].map(
    (sections) => ({ set: `NODE_DEBUG=${sections}`, refused: 'NODE_DEBUG' }),
  ),
  ...['tls', 'crypto,http'].map((sections) => ({
    set: `NODE_DEBUG_NATIVE=${sections}`,
    refused: 'NODE_DEBUG_NATIVE',
  })),
  ...[
    '--inspect=0',
    '--inspect-port=0',
    '--tls-keylog=FOLDER/keylog',
    '--tls_keylog=FOLDER/keylog',
    '--trace-tls',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=1',
    '--report-on-signal',
    '--report-uncaught-exception',
    '--report-on-fatalerror',
    '--abort-on-uncaught-exception',
    '--insecure-http-parser',
  ].map((option) => ({ set: option, refused: option.replace(/=.*/, '').replaceAll('_', '-') })),
  ...[
    'SSLKEYLOGFILE=FOLDER/keylog', // OpenSSL's own, which Node does not heed
    'NODE_V8_COVERAGE=FOLDER/coverage', // which lines were run
    'NODE_REDIRECT_WARNINGS=FOLDER/warnings',
    'DEBUG=*', // no package that heeds it is loaded
    'AWS_LAMBDA_LOG_LEVEL=TRACE',
    'POWERTOOLS_LOG_LEVEL=DEBUG',
    'POWERTOOLS_LOGGER_LOG_EVENT=true',
    'POWERTOOLS_DEV=true',
    'NODE_TLS_REJECT_UNAUTHORIZED=1',
    'NODE_DEBUG=',
    '--cpu-prof --cpu-prof-dir=FOLDER',
    '--heap-prof --heap-prof-dir=FOLDER', // how much was allocated where
    '--trace-event-categories=node,node.http,node.net.native --trace-event-file-pattern=FOLDER/trace',
    '--trace-warnings --trace-exit',
    '--use-system-ca',
  ].map((set) => ({ set })),
];

/** The environment that some of them make. */
export function environmentOf(rows: readonly Switch[], folder: string): Record<string, string> {
  // In NODE_OPTIONS a blank ends a word, unless it is in quotes.
  const inOptions = `"${folder.replaceAll(/["\\]/g, '\\$&')}"`;
  const all = rows.map(({ set }) => set.replaceAll('FOLDER', () => (set.startsWith('--') ? inOptions : folder)));
  const options = all.filter((set) => set.startsWith('--'));
  const variables = all
    .filter((set) => !set.startsWith('--'))
    .map((set) => [set.split('=')[0]!, set.slice(set.indexOf('=') + 1)]);
  return { ...Object.fromEntries(variables), ...(options.length > 0 && { NODE_OPTIONS: options.join(' ') }) };
}
