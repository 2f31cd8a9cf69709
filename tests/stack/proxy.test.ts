// On one machine, where Node is told of a proxy: none leads to what runs here, so nothing of it is asked.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the demo vends on this machine as it does without a proxy, and asks none', async () => {
  let asked = 0;
  const proxy = net.createServer((socket) => {
    asked += 1;
    socket.destroy();
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../local/demo.ts')], {
      env: { PATH: process.env.PATH, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url },
    });
    expect(stdout.match(/^ {2}201 \{"keyPairId":/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^ {2}active as ssh-/m);
    expect(asked).toBe(0);
  } finally {
    proxy.close();
  }
}, 60_000);
