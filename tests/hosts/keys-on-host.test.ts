// What rotation does to one host, on a host in memory: lost answers, crashes at each step, edits by others.
import { beforeEach, describe, expect, it } from 'vitest';
import { deadlineIn } from '../../lib/clock.ts';
import { VendingError } from '../../lib/errors.ts';
import { linesOf } from '../../lib/hosts/authorized-keys.ts';
import { addKey, type HostAccess, proveKey, removeKey } from '../../lib/hosts/keys-on-host.ts';
import { testClock } from '../doubles/test-clock.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';
import { codeOf, makeKey } from './keys.ts';

const [old, fresh, other, manager] = [makeKey(), makeKey(), makeKey(), makeKey()];
const foreign = `# a comment\n${other.publicKey} someone\n`;
const both = `${foreign}${old.publicKey} me\n${fresh.publicKey} me\n`;
const before = `${foreign}${old.publicKey} me\n`;
const after = `${foreign}${fresh.publicKey} me\n`;
const lost = () => new VendingError('HOST_UNREACHABLE', 'The connection was lost');

let host: FakeHost;
beforeEach(() => start(before));

function start(text: string): void {
  host = fakeHost(text);
  host.elsewhere.add(manager.publicKey);
}
const reach = (more: Partial<HostAccess> = {}): HostAccess => ({
  hosts: host,
  host: { host: 'h', port: 22, user: 'u', hostKeys: [] },
  options: { until: deadlineIn(testClock(), 60_000) },
  ...more,
});
const managed = () => reach({ management: async () => manager.privateKey });
const done = { hostKey: 'SHA256:fake' };

describe('addKey', () => {
  it('adds the line, and does nothing the second time', async () => {
    expect(await addKey(reach(), old, fresh)).toEqual(done);
    expect(host.text).toBe(both);
    expect(await addKey(reach(), old, fresh)).toEqual(done);
    expect(host.text).toBe(both);
    expect(host.steps.filter((step) => step === 'replace')).toHaveLength(1);
  });

  it('takes what others did meanwhile into account', async () => {
    let edits = 0;
    host.hook = (step, over) => {
      if (step === 'read' && over && edits++ < 3) host.text += `# ${edits}\n`;
    };
    await addKey(reach(), old, fresh);
    expect(host.text).toBe(`${both}# 1\n# 2\n# 3\n`);
  });

  it('gives up after some tries when others never stop editing', async () => {
    host.hook = (step, over) => {
      if (step === 'read' && over) host.text += '# again\n';
    };
    expect(await codeOf(addKey(reach(), old, fresh))).toBe('HOST_FILE_CHANGING');
    expect(linesOf(host.text, fresh.publicKey)).toEqual([]);
  });

  it('succeeds when the old key is off the host and the new one is on it', async () => {
    start(after);
    expect(await addKey(reach(), old, fresh)).toEqual(done);
    expect(host.text).toBe(after);
  });

  it('says that the login was refused when the new key is refused as well as the old one', async () => {
    start(foreign);
    expect(await codeOf(addKey(reach(), old, fresh))).toBe('LOGIN_REFUSED');
  });

  it('says that the line is absent when the key is accepted from elsewhere', async () => {
    start(foreign);
    host.elsewhere.add(old.publicKey);
    expect(await codeOf(addKey(reach(), old, fresh))).toBe('HOST_LINE_ABSENT');
    expect(host.text).toBe(foreign);
  });

  it('writes nothing when the line forces a command, unless there is a management key', async () => {
    const forced = `command="uptime",no-pty ${old.publicKey} me\n`;
    start(forced);
    expect(await codeOf(addKey(reach(), old, fresh))).toBe('HOST_COMMAND_FORCED');
    expect(host.text).toBe(forced);
    await addKey(managed(), old, fresh);
    expect(host.text).toBe(`${forced}command="uptime",no-pty ${fresh.publicKey} me\n`);
    expect(await addKey(reach(), old, fresh)).toEqual(done); // nothing is left to write
  });

  it('edits with the management key alone where there is one', async () => {
    host.refused.add(old.publicKey);
    await addKey(managed(), old, fresh);
    expect(host.text).toBe(both);
  });
});

describe('proveKey', () => {
  it('logs in and does nothing else', async () => {
    expect(await proveKey(reach(), old)).toEqual(done);
    expect(host.steps).toEqual(['login', 'close']);
    expect(await codeOf(proveKey(reach(), fresh))).toBe('LOGIN_REFUSED');
  });

  it('logs in with this very key, even when there is a management key', async () => {
    expect(await codeOf(proveKey(managed(), fresh))).toBe('LOGIN_REFUSED');
  });
});

describe('removeKey', () => {
  beforeEach(() => start(both));

  it('removes the line between two logins with the key that stays, and does nothing the second time', async () => {
    expect(await removeKey(reach(), old, fresh)).toEqual(done);
    expect(host.text).toBe(after);
    expect(host.steps).toEqual(['login', 'read', 'replace', 'login', 'close', 'close']);
    expect(await removeKey(reach(), old, fresh)).toEqual(done);
    expect(host.text).toBe(after);
  });

  it('has the management key edit, while a session of the key that stays is open', async () => {
    await removeKey(managed(), old, fresh);
    expect(host.text).toBe(after);
    expect(host.steps).toEqual(['login', 'login', 'read', 'replace', 'login', 'close', 'close', 'close']);
  });

  it('removes nothing when the key that stays does not log in, with or without a management key', async () => {
    host.refused.add(fresh.publicKey);
    expect(await codeOf(removeKey(reach(), old, fresh))).toBe('LOGIN_REFUSED');
    expect(await codeOf(removeKey(managed(), old, fresh))).toBe('LOGIN_REFUSED');
    expect(host.text).toBe(both);
  });

  it('removes nothing when the key that stays has no line of its own', async () => {
    start(before);
    host.elsewhere.add(fresh.publicKey);
    expect(await codeOf(removeKey(reach(), old, fresh))).toBe('HOST_LINE_ABSENT');
    expect(host.text).toBe(before);
  });

  it('never removes the key that stays', async () => {
    expect(await codeOf(removeKey(reach(), fresh, fresh))).toBe('HOST_LINE_ABSENT');
    expect(host.text).toBe(both);
  });

  /** The key that stays is refused from the moment that the other one is gone. */
  const refuseAfterwards = (also: () => void = () => {}) => {
    host.hook = (step, over) => {
      if (step !== 'replace' || !over || host.refused.has(fresh.publicKey)) return;
      host.refused.add(fresh.publicKey);
      also();
    };
  };

  it('puts the line back exactly where it was when the key that stays is lost', async () => {
    const text = `no-pty ${old.publicKey} a\r\n${both}`;
    start(text);
    refuseAfterwards();
    expect(await codeOf(removeKey(reach(), old, fresh))).toBe('LOGIN_LOST');
    expect(host.text).toBe(text);
    expect(host.open).toBe(0);
  });

  it('puts the line back into what others have made of the file meanwhile', async () => {
    refuseAfterwards(() => {
      host.text = `# new\n${host.text}`;
    });
    expect(await codeOf(removeKey(reach(), old, fresh))).toBe('LOGIN_LOST');
    expect(host.text).toBe(`# new\n${both}`);
  });

  it('puts the line back even when others edit at that very moment', async () => {
    let reads = 0;
    refuseAfterwards();
    const refuse = host.hook;
    host.hook = (step, over) => {
      refuse(step, over);
      if (step === 'read' && over && ++reads === 2) host.text += '# meanwhile\n';
    };
    expect(await codeOf(removeKey(reach(), old, fresh))).toBe('LOGIN_LOST');
    expect(host.text).toBe(`${both}# meanwhile\n`);
  });

  it('says what went wrong when the line cannot be put back either', async () => {
    host.hook = (step, over) => {
      if (over || host.text !== after) return;
      if (step === 'login' || step === 'read') throw lost();
    };
    expect(await codeOf(removeKey(reach(), old, fresh))).toBe('HOST_UNREACHABLE');
    expect(host.open).toBe(0);
  });
});

describe('a process that ends at any step', () => {
  const acts = {
    addKey: { from: before, to: both, act: (by: HostAccess) => addKey(by, old, fresh) },
    removeKey: { from: both, to: after, act: (by: HostAccess) => removeKey(by, old, fresh) },
  };
  const ends = Object.entries(acts).flatMap(([name, act]) =>
    [false, true].flatMap((manages) => [false, true].map((answered) => ({ name, manages, answered, ...act }))),
  );

  it.each(ends)(
    'leaves a way in, and $name goes on from there (managed: $manages; step done: $answered)',
    async (end) => {
      const by = () => (end.manages ? managed() : reach());
      let last = false;
      for (let at = 1; !last; at += 1) {
        start(end.from);
        let left = at;
        host.hook = (_step, over) => {
          expect(linesOf(host.text, old.publicKey).length + linesOf(host.text, fresh.publicKey).length).not.toBe(0);
          // From here on nothing works any more: the process, or the network, has ended.
          if (over === end.answered && --left <= 0) throw lost();
        };
        const code = await codeOf(end.act(by()));
        last = code === 'fulfilled';
        expect(['fulfilled', 'HOST_UNREACHABLE']).toContain(code);
        expect([end.from, end.to]).toContain(host.text);
        host.hook = () => {};
        expect(await end.act(by())).toEqual(done);
        expect(host.text).toBe(end.to);
      }
    },
  );
});
