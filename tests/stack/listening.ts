// Which ports a process and its children listen on, asked of the system and not of the program.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export const canAsk = process.platform === 'linux';

/** Address and port of every TCP listener of a process and of all that it started. Source: proc(5), /proc/net/tcp. */
export function listenersOf(pid: number): { readonly address: string; readonly port: number }[] {
  const inodes = new Set(familyOf(pid).flatMap(socketsOf));
  return ['tcp', 'tcp6'].flatMap((table) =>
    read(`/proc/net/${table}`)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === LISTEN && inodes.has(inode ?? ''))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':');
        return { address: address === LOOPBACK ? '127.0.0.1' : address, port: Number.parseInt(port, 16) };
      }),
  );
}

const LISTEN = '0A';
/** 127.0.0.1 as a little-endian machine prints it there. */
const LOOPBACK = '0100007F';

function familyOf(pid: number): number[] {
  const children = readdirSync('/proc').filter((one) => /^\d+$/.test(one) && parentOf(one) === pid);
  return [pid, ...children.flatMap((child) => familyOf(Number(child)))];
}

/** The name before it may hold blanks and brackets. */
const parentOf = (pid: string): number => Number(read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1]);

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    return []; // gone meanwhile
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
