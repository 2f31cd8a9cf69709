// Machines in memory, with one account each: authorized_keys, a host key, and whether they are up. And the way to them,
// on which anything can be lost, late or cut.
import { createHash } from 'node:crypto';
import { leftMs } from '../../../lib/clock.ts';
import { VendingError } from '../../../lib/errors.ts';
import { type Host, HostSilence, type Hosts, type LoginOptions, type Session } from '../../../lib/hosts/hosts.ts';
import type { Secret } from '../../../lib/secret.ts';
import { publicKeyOf } from '../../doubles/key-pairs.ts';
import type { Errors, Line } from '../line.ts';
import type { Process } from '../process.ts';

export class Machine {
  readonly host: Host;
  /** What it shows: another one than is pinned, once it has been installed anew. */
  hostKey: string;
  up = true;
  text = '';
  /** Whether it is keyvend's to look after: listed in the policy, with a key that counts, and never waived. */
  managed = true;
  waived = false;
  /** Whether the operator's rules allow no login on it. */
  forbidden = false;
  /** Whether the key's own line lets it run no command there. */
  forced = false;

  /** Keys that something else wrote into its file, once ours were gone from it. */
  readonly writtenBack = new Set<string>();

  /** Starts, and writes the key that its cloud's metadata has, as some systems do at every boot. */
  boots(publicKey: string): void {
    if (this.accepts(publicKey)) return;
    this.writtenBack.add(blobOf(publicKey));
    this.appended(`no-pty ${publicKey} deploy`);
  }

  /**
   * How many keys of ours open it, beside those that were written back. What nobody has any more opens nothing: lines stay on a machine
   * that was listed no more for a while.
   */
  keysOf(stored: readonly (string | undefined)[]): number {
    const lines = this.text.split('\n').filter((line) => line.startsWith('no-pty '));
    const blobs = new Set(lines.map((line) => blobOf(line.slice('no-pty '.length))));
    for (const blob of this.writtenBack) if (!blobs.delete(blob)) this.writtenBack.delete(blob);
    return stored.filter((key) => key !== undefined && blobs.has(blobOf(key))).length;
  }

  constructor(name: string) {
    this.hostKey = `SHA256:${name}`;
    this.host = { host: name, port: 22, user: 'deploy', hostKeys: [this.hostKey] };
  }

  accepts(publicKey: string | undefined): boolean {
    const blob = publicKey?.split(' ')[1];
    return blob !== undefined && this.text.split('\n').some((line) => line.includes(blob));
  }

  /** Somebody else's line, at the end. */
  appended(line: string): void {
    this.text += `${this.text === '' || this.text.endsWith('\n') ? '' : '\n'}${line}\n`;
  }
}

const blobOf = (publicKey: string): string => publicKey.split(' ')[1] ?? '';

const TIMEOUT_MS = 10_000;
/** What was handed to a connection that has been cut off since stays on its way for no longer than this. */
const WINDOW_MS = 60_000;

const unreachable = (cause?: unknown) => new VendingError('HOST_UNREACHABLE', 'No whole answer', { cause });
const errors: Errors = {
  unsent: () => new VendingError('DEADLINE_PASSED', 'No time was left'),
  silence: unreachable,
  throttled: unreachable,
  refused: () => new VendingError('HOST_FILE_UNUSABLE', 'Not permitted'),
  failed: unreachable,
  stale: unreachable,
};

const digestOf = (text: string): string => createHash('sha256').update(text, 'latin1').digest('hex');

/** @param entered told of every login that succeeds, and with which key */
export function hostsAt(
  line: Line,
  process: Process,
  machines: readonly Machine[],
  entered: (machine: Machine, publicKey: string) => 'own key' | 'management key',
): Hosts {
  const send = <T>(
    call: string,
    machine: Machine | undefined,
    { until, firstWordMs = TIMEOUT_MS }: LoginOptions,
    act: (up: Machine) => T,
  ) =>
    line.send(process, {
      call,
      timeoutMs: call === 'host.login' ? Math.min(firstWordMs, TIMEOUT_MS) : TIMEOUT_MS,
      windowMs: WINDOW_MS,
      errors: call === 'host.login' ? { ...errors, silence: () => new HostSilence('No word') } : errors,
      mayStillSign() {
        if (leftMs(process, until) <= 0) throw errors.unsent();
      },
      act: async () => {
        if (machine?.up !== true) throw unreachable();
        return act(machine);
      },
    });

  return {
    async login(host: Host, key: Secret, options: LoginOptions): Promise<Session> {
      const machine = machines.find((one) => one.host.host === host.host);
      if (machine?.forbidden) throw new VendingError('HOST_FORBIDDEN', 'No login is allowed there');
      let forced = false;
      const hostKey = await send('host.login', machine, options, (up) => {
        if (!host.hostKeys.includes(up.hostKey)) throw new VendingError('HOST_KEY_CHANGED', 'Another host key');
        if (!up.accepts(publicKeyOf(key))) throw new VendingError('LOGIN_REFUSED', 'The key is not accepted');
        forced = entered(up, publicKeyOf(key) ?? '') === 'own key' && up.forced;
        return up.hostKey;
      });
      const runs = () => {
        if (forced) throw new VendingError('HOST_COMMAND_FORCED', 'It runs something else');
      };
      return {
        hostKey,
        read: () =>
          send('host.read', machine, options, ({ text }) => {
            runs();
            return { text, digest: digestOf(text) };
          }),
        replace: (expected, text) =>
          send('host.replace', machine, options, (up) => {
            runs();
            if (digestOf(up.text) !== expected) return 'changed' as const;
            up.text = text;
            return 'replaced' as const;
          }),
        async close() {},
      };
    },
  };
}
