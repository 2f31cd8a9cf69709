// The local stack as it ships, which is keyvend with everything on one machine; and what every keyvend has in common here.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readersStore } from '../../lib/platforms/readers-store.ts';
import { queueKeyIn } from '../../local/stack/queue-signature.ts';
import type { Subject } from './clients.ts';
import { WINDOW_MS } from './clouds.ts';
import type { Kind } from './kind.ts';
import { filesIn, type Shown, storedIn } from './verdict.ts';

/** In the proportions of a deployment: the lease outlives a call, the windows the lease, the horizon the windows. */
export const proportions = {
  KEYVEND_LEASE_MS: '6000',
  KEYVEND_TAKE_OVER_MS: '1000',
  KEYVEND_ALIBABA_WINDOW_MS: String(WINDOW_MS),
  KEYVEND_TENCENT_WINDOW_MS: String(WINDOW_MS),
  KEYVEND_HORIZON_MS: String(2 * WINDOW_MS),
  KEYVEND_ABSENT_TWICE_MS: '1000',
};

export async function recovered(subject: Subject): Promise<void> {
  for (let quiet = 0, tries = 0; quiet < 3 && tries < 240; tries += 1) {
    await wait(500);
    const answer = await fetch(`${subject.url()}/v1/key-pairs?state=vending`, { headers: await subject.headers() });
    const { keyPairs } = (await answer.json()) as { keyPairs: unknown[] };
    quiet = keyPairs.length === 0 ? quiet + 1 : 0;
  }
  await wait(4 * WINDOW_MS); // the second settling, past the horizon
}

export const shown =
  (subject: Subject): Shown =>
  async ({ provider, body }) => {
    const query = body.region === undefined ? '' : `?region=${body.region}`;
    const answer = await fetch(`${subject.url()}/v1/${provider}/key-pairs/${body.name}${query}`, {
      headers: await subject.headers(),
    });
    const { state, versions } = (await answer.json()) as {
      state: string;
      versions: { keyPairId: string; fingerprint: string }[];
    };
    return state === 'active' ? versions.at(-1) : undefined;
  };

const token = (home: string): string => {
  try {
    return readFileSync(join(home, 'token'), 'utf8').trim();
  } catch {
    return '';
  }
};

export const keyvend: Kind = {
  script: 'local/start.ts',
  words: [],
  processes: 1,
  ready: /^clouds: /,
  environment: ({ home, clouds }, port) => ({
    ...{ ...proportions, ...clouds.files, KEYVEND_HOME: home, PORT: String(port) },
    ...{ KEYVEND_RECOVERY_MS: '1000', POWERTOOLS_LOG_LEVEL: 'DEBUG' },
  }),
  async around({ home }) {
    return {
      environment: {},
      subject: (child, { ports: [port] }) => ({
        url: () => `http://127.0.0.1:${port}`,
        headers: () => ({ 'content-type': 'application/json', authorization: `Bearer ${token(home)}` }),
        queueKey: () => queueKeyIn(readFileSync(join(home, 'queue-credentials'), 'utf8')),
        queue: (provider) => `${/(http:\S*\/)keyvend-ens/.exec(child()?.printed() ?? '')?.[1]}keyvend-${provider}`,
      }),
      stored: async () => storedIn(await readersStore({ KEYVEND_HOME: home })),
      searched: () => filesIn(home),
      stop: async () => {},
    };
  },
  recovered,
  shown,
};
