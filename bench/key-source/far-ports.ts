// Leads what this process sends to some ports of this machine through others: relays that are as slow as a distance. What stands in answers
// to its own address alone, so that is the one that is asked for.
import net, { type TcpNetConnectOpts } from 'node:net';

/** @param through the relay's port, by the port that is meant */
export function farPorts(through: Readonly<Record<string, number>>): void {
  const connect = net.connect as (options: TcpNetConnectOpts) => net.Socket;
  net.connect = ((options: TcpNetConnectOpts) =>
    connect({ ...options, port: through[options.port] ?? options.port })) as typeof net.connect;
}
