// An event bus of Alibaba EventBridge that a platform puts its events on, where its configuration names one.
import { credentialsFrom } from '../alibaba/call-credentials.ts';
import { busPublisher } from '../alibaba/event-bridge.ts';
import type { Clock } from '../clock.ts';
import type { Checked } from '../environment.ts';
import { createTransport } from '../transport/transport.ts';
import type { alibabaBusVariables } from './alibaba-bus-configuration.ts';
import type { Publish } from './platform.ts';

type Here = Checked<typeof alibabaBusVariables>;

/** Undefined where no bus is named. It signs with the key of the call where there is one, else with that of the environment. */
export function alibabaBus(configuration: Here, clock: Clock): Publish | undefined {
  const { KEYVEND_ALIBABA_BUS: bus, KEYVEND_ALIBABA_BUS_REGION: region = '' } = configuration;
  if (bus === undefined) return undefined;
  return busPublisher({
    ...{ bus, region, endpoint: configuration.KEYVEND_ALIBABA_BUS_ENDPOINT },
    transport: createTransport({ clock }),
    credentials: credentialsFrom(configuration),
  });
}
