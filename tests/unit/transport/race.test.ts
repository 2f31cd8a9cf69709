// Which of a name's addresses are tried, in which order, and what becomes of the others. Sockets here connect when they are told to.
import net, { type LookupFunction, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Connected, type RaceOptions, race } from '../../../lib/transport/race.ts';

const NEVER = 2 ** 30;
afterEach(() => vi.restoreAllMocks());

let hosts = 0;
const newHost = () => `host-${++hosts}.example`;

const says =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, found) =>
    found(
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    );

/** What is tried from now on; nothing of it ends by itself. */
function tried() {
  const attempts: { host: string; socket: Socket }[] = [];
  vi.spyOn(net, 'connect').mockImplementation(((options: { host: string }) => {
    const socket = new Socket();
    attempts.push({ host: options.host, socket });
    return socket;
  }) as unknown as typeof net.connect);
  return {
    attempts,
    hosts: () => attempts.map(({ host }) => host),
    socket: (host: string) => attempts.find((one) => one.host === host)!.socket,
  };
}

function run(options: Partial<RaceOptions> & Pick<RaceOptions, 'lookup'>) {
  const done = vi.fn<Connected>();
  race({ host: newHost(), port: 1, headStartMs: NEVER, ...options }, done);
  return done;
}

const refused = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

describe('a race', () => {
  it('tries the families in turn, beginning with the one that the system names first, and the next at once when one fails', async () => {
    const net4 = tried();
    const done = run({ lookup: says('::1', '::2', '192.0.2.1', '192.0.2.2', '::3') });
    for (let i = 0; i < 5; i += 1) {
      expect(net4.attempts).toHaveLength(i + 1);
      net4.attempts[i]!.socket.destroy(refused());
      await new Promise(setImmediate);
    }
    expect(net4.hosts()).toEqual(['::1', '192.0.2.1', '::2', '192.0.2.2', '::3']);
    expect(done.mock.calls).toEqual([[expect.objectContaining({ code: 'ECONNREFUSED' }), undefined]]);
  });

  it('leaves the first one to itself during its head start', () => {
    const { attempts, socket } = tried();
    const done = run({ lookup: says('192.0.2.1', '192.0.2.2') });
    socket('192.0.2.1').emit('connect');
    expect(attempts).toHaveLength(1);
    expect(done.mock.calls).toEqual([[null, socket('192.0.2.1')]]);
  });

  it.each(['192.0.2.1', '192.0.2.2', '192.0.2.3'])(
    'is won by whichever connects first, and gives up nobody before: %s',
    async (winner) => {
      const all = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
      const { attempts, socket } = tried();
      const done = run({ lookup: says(...all), headStartMs: 1 });
      await vi.waitFor(() => expect(attempts).toHaveLength(3));
      expect(attempts.some((one) => one.socket.destroyed)).toBe(false);
      socket(winner).emit('connect');
      expect(done.mock.calls).toEqual([[null, socket(winner)]]);
      expect(attempts.filter((one) => !one.socket.destroyed).map(({ host }) => host)).toEqual([winner]);
    },
  );

  it('goes on when one fails beside others that are waiting, and fails when the last of them has', async () => {
    const { attempts, socket } = tried();
    const done = run({ lookup: says('192.0.2.1', '192.0.2.2'), headStartMs: 1 });
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    socket('192.0.2.2').destroy(refused());
    await new Promise(setImmediate);
    expect(done).not.toHaveBeenCalled();
    socket('192.0.2.1').destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' }));
    await new Promise(setImmediate);
    expect(done.mock.calls).toEqual([[expect.objectContaining({ code: 'ETIMEDOUT' }), undefined]]);
  });

  it('begins with the address that worked last time for that host, or else with its family', async () => {
    const host = newHost();
    const first = tried();
    run({ host, lookup: says('::1', '192.0.2.1', '::2', '192.0.2.2'), headStartMs: 1 });
    await vi.waitFor(() => expect(first.attempts).toHaveLength(4));
    first.socket('192.0.2.2').emit('connect');

    const firstOf = (of: string, ...addresses: string[]) => {
      const again = tried();
      run({ host: of, lookup: says(...addresses) });
      return again.hosts()[0];
    };
    expect(firstOf(host, '::1', '192.0.2.1', '192.0.2.2')).toBe('192.0.2.2');
    expect(firstOf(host, '::1', '192.0.2.3', '192.0.2.4')).toBe('192.0.2.3');
    expect(firstOf(host, '::1', '::2')).toBe('::1');
    expect(firstOf(newHost(), '::1', '192.0.2.2')).toBe('::1');
  });

  it('is over when nobody waits any more: nothing is left open, and nothing more is tried', async () => {
    const { attempts } = tried();
    const over = new AbortController();
    const done = run({ lookup: says('192.0.2.1', '192.0.2.2', '192.0.2.3'), headStartMs: 1, over: over.signal });
    await vi.waitFor(() => expect(attempts.length).toBeGreaterThanOrEqual(2));
    over.abort('over');
    const started = attempts.length;
    expect(attempts.every(({ socket }) => socket.destroyed)).toBe(true);
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(done).toHaveBeenCalledWith(expect.any(Error), undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(attempts).toHaveLength(started);
  });

  it('connects to nobody when the name is found after nobody waits any more, or before that', () => {
    const { attempts } = tried();
    const over = new AbortController();
    let found: (() => void) | undefined;
    const late: LookupFunction = (...args) => {
      found = () => says('192.0.2.1')(...args);
    };
    const done = run({ lookup: late, over: over.signal });
    over.abort('over');
    found!();
    const none = run({ lookup: says('192.0.2.1'), over: over.signal });
    expect([done.mock.calls.length, none.mock.calls.length, attempts.length]).toEqual([1, 1, 0]);
  });

  it('leaves the socket that won alone when its request is over', () => {
    const { socket } = tried();
    const over = new AbortController();
    run({ lookup: says('192.0.2.1'), over: over.signal });
    socket('192.0.2.1').emit('connect');
    over.abort('over');
    expect(socket('192.0.2.1').destroyed).toBe(false);
  });

  it('says why there is no address', () => {
    const nowhere: LookupFunction = (_name, _options, found) =>
      found(Object.assign(new Error('nowhere'), { code: 'EAI_AGAIN' }), []);
    for (const [lookup, code] of [[nowhere, 'EAI_AGAIN'] as const, [says(), 'ENOTFOUND'] as const])
      expect(run({ lookup }).mock.calls).toEqual([[expect.objectContaining({ code }), undefined]]);
  });
});
