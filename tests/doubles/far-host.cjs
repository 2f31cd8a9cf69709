// Loaded before a program: what it sends to one address of a private network goes to the same port of this machine, as a router would
// lead it. Loopback is no host for functions in a cloud, and their own rules decide on the address that they were told.
'use strict';
const net = require('node:net');
const FAR = '10.20.30.40';
const connect = net.connect;
net.connect = (...given) => {
  const [options] = given;
  if (options?.host !== FAR) return connect(...given);
  const socket = connect({ ...options, host: '127.0.0.1', blockList: undefined });
  Object.defineProperty(socket, 'remoteAddress', { get: () => FAR });
  return socket;
};
