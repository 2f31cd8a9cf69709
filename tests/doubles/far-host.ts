// A host on loopback that has, for whoever loads this, an address in a private network.
import { fileURLToPath } from 'node:url';

export const farHost = {
  ...{ address: '10.20.30.40', network: '10.20.30.0/24' },
  file: fileURLToPath(new URL('./far-host.cjs', import.meta.url)),
};
