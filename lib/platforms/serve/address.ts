/** @param listen `host:port`, `[::1]:port`, as the configuration has it */
export function hostAndPort(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
