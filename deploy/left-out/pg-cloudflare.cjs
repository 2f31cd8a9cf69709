// In place of pg-cloudflare in the bundles: pg's sockets where there are none of Node's. It is asked for nowhere else.
throw new Error('left out');
