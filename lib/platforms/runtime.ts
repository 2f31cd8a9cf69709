// The composition root: real ports, made once per process at the first call. The environment says which platform, ledger and
// store they are of, or a packager that has put their folders behind `#platform`, `#ledger` and `#store` (serverless.yml).
import { publisher, trailKeeper } from '#platform/ports.ts';
import { open as openStore } from '#store/open.ts';
import { itself, type Runtime } from '../application/runtime.ts';
import { systemClock, wait } from '../clock.ts';
import { announcementEvent, noticeEvent, refusedEvent } from '../contract/make-event.ts';
import { keyless } from '../secrets/keyless.ts';
import { tagging } from '../secrets/tagging.ts';
import { generateKey } from '../ssh/generate-key.ts';
import { CreateTimes } from '../vending/create-times.ts';
import { Deployment } from '../vending/deployment.ts';
import type { Ports } from '../vending/ports.ts';
import { configuration } from './checked-configuration.ts';
import { connected, openEarly } from './cloud-access.ts';
import { access, pins } from './clouds.ts';
import { observed } from './metrics/steps.ts';
import { once } from './once.ts';
import { records } from './records.ts';

const { KEYVEND_DEPLOYMENT: deployment } = configuration;
const publish = once(async () => publisher(configuration, systemClock));

/** Each has the cloud behind it, which is asked for nothing by being connected. */
const observedProviders =
  (providerFor: Ports['providerFor']): Ports['providerFor'] =>
  async (identity) =>
    observed('cloud', await providerFor(identity), { keyPair: { ...identity } });

const ports: Runtime['ports'] = once(async () => {
  const { clock, newId, settings } = records;
  const [ledger, store, send] = [
    await records.ledger(),
    observed('store', tagging(await openStore(configuration, systemClock), settings.secretTags)),
    await publish(),
  ];
  return {
    ledger,
    deployment: new Deployment(deployment, ledger, clock, newId),
    store: settings.readsKeys ? store : keyless(store),
    clock,
    newId,
    newKey: generateKey,
    wait,
    settings,
    actor: itself,
    sendEntries: trailKeeper(configuration),
    publish: (announcement) => send(announcementEvent(deployment, announcement)),
    createTimes: new CreateTimes(),
    notify: (identity, notice) => send(noticeEvent(deployment, identity, notice)),
  };
});

export const runtime: Runtime = {
  ...records,
  ports,
  async portsFor(connections) {
    const reached = await access();
    return {
      ...(await ports()),
      providerFor: observedProviders(connected(connections, configuration, reached, await pins())),
      connectEarly: ({ provider, region }) =>
        void connections(provider).then(
          ({ early }) => openEarly(reached, configuration, provider, early(region)),
          () => {}, // whoever connects hears of it
        ),
    };
  },
  prepare(provider, { atLoad }) {
    ports().catch(() => {});
    if (atLoad === undefined) return;
    access().then(
      (reached) => openEarly(reached, configuration, provider, atLoad),
      () => {},
    );
  },
  refuse: async (messageId, code, errors) =>
    (await publish())(
      refusedEvent(deployment, messageId, { code, atMs: systemClock.wallMs(), ...(errors && { errors }) }),
    ),
};
