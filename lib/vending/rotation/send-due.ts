// Finds what is due by an index and hands it to workers. The cost grows with what is due, not with what exists.
import type { Identity } from '../../identity.ts';
import { fileRecord } from '../file-record.ts';
import type { CommandPorts } from './rotation-ports.ts';

/** By then a worker will have taken it up; otherwise it is sent once more. */
const AGAIN_MS = 5 * 60_000;
const PAGE = 100;

/**
 * @param send hands one key pair to a worker; when it fails, the key pair stays due and comes again
 * @param most how many key pairs are sent, at most
 * @returns how many were sent
 */
export async function sendDue(
  ports: CommandPorts,
  send: (identity: Identity) => Promise<void>,
  most = 1_000,
): Promise<number> {
  const { ledger, clock } = ports;
  let sent = 0;
  while (sent < most) {
    const due = await ledger.due('rotate', clock.wallMs(), Math.min(PAGE, most - sent));
    let moved = 0;
    for (const identity of due) {
      const filed = await ledger.read(identity);
      const { rotateAtMs } = filed?.record ?? {};
      if (filed === undefined || rotateAtMs === undefined || rotateAtMs > clock.wallMs()) continue; // an index may lag
      // Put off first: several of these may run at once, and only one of them sends it.
      const later = { ...filed.record, rotateAtMs: clock.wallMs() + AGAIN_MS };
      if ((await fileRecord(ports, filed, later)) === 'conflict') continue;
      moved += 1;
      await send(identity);
    }
    sent += moved;
    if (moved === 0) break;
  }
  return sent;
}
