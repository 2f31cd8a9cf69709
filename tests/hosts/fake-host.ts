// A host in memory that behaves as the port says, with a list of what is done to it, and a hook by which tests step in.
import { VendingError } from '../../lib/errors.ts';
import { linesOf } from '../../lib/hosts/authorized-keys.ts';
import { digestOf } from '../../lib/hosts/digest.ts';
import type { Hosts, Session } from '../../lib/hosts/hosts.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';

export interface FakeHost extends Hosts {
  /** Its authorized_keys. */
  text: string;
  /** Public lines that it accepts without a line in that file. */
  readonly elsewhere: Set<string>;
  /** Public lines that it refuses all the same. */
  readonly refused: Set<string>;
  /** `login`, `read`, `replace`, `close`, in order. */
  readonly steps: string[];
  open: number;
  /** Called before (`after` false) and after each step has had its effect; what it throws is the step's answer. */
  hook: (step: string, after: boolean) => void;
}

export function fakeHost(text: string): FakeHost {
  const digest = () => digestOf('sha256', Buffer.from(host.text, 'latin1'));
  const step = async <T>(name: string, effect: () => T): Promise<T> => {
    host.steps.push(name);
    host.hook(name, false);
    const answer = effect();
    host.hook(name, true);
    return answer;
  };
  const session = (): Session => ({
    hostKey: 'SHA256:fake',
    read: () => step('read', () => ({ text: host.text, digest: digest() })),
    replace: (expected, text) =>
      step('replace', () => {
        if (expected !== digest()) return 'changed';
        host.text = text;
        return 'replaced';
      }),
    async close() {
      host.open -= 1;
      host.steps.push('close');
    },
  });
  const host: FakeHost = {
    text,
    elsewhere: new Set(),
    refused: new Set(),
    steps: [],
    open: 0,
    hook: () => {},
    login: (_host, key) =>
      step('login', () => {
        const { publicKey } = parsePrivateKey(key);
        const known = host.elsewhere.has(publicKey) || linesOf(host.text, publicKey).length > 0;
        if (!known || host.refused.has(publicKey)) throw new VendingError('LOGIN_REFUSED', 'The host refused the key');
        host.open += 1;
        return session();
      }),
  };
  return host;
}
