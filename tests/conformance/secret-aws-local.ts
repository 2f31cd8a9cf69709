// Stores whose far end is on loopback and speaks as AWS Secrets Manager does.
import { Secret } from '../../lib/secret.ts';
import type { SecretStore } from '../../lib/secrets/secret-store.ts';
import { type AwsStoreOptions, awsStore } from '../../lib/secrets/secrets-manager/aws-store.ts';
import { createTransport } from '../../lib/transport/transport.ts';
import type { Transport } from '../../lib/transport/wire.ts';
import { type TestClock, testClock } from '../doubles/test-clock.ts';
import { accessKeyId, type StandIn, secretAccessKey, startStandIn } from './secret-aws-stand-in.ts';

export const region = 'us-east-1';

export function optionsFor(endpoint: string, clock: TestClock, transport: Transport): AwsStoreOptions {
  return {
    transport,
    clock,
    endpoint,
    region,
    deployment: 'here',
    credentials: async () => ({ accessKeyId, secretAccessKey: new Secret(secretAccessKey) }),
    wait: async () => {},
    timeoutMs: 25_000,
  };
}

export interface AwsHarness {
  readonly standIn: StandIn;
  readonly options: AwsStoreOptions;
  readonly clock: TestClock;
  readonly store: SecretStore;
  open(over?: Partial<AwsStoreOptions>): SecretStore;
  /** From now on nobody listens. */
  down(): Promise<void>;
  stop(): Promise<void>;
}

export async function awsOnStandIn(): Promise<AwsHarness> {
  const clock = testClock();
  const standIn = await startStandIn(clock);
  const transport = createTransport({ clock });
  const options = optionsFor(standIn.endpoint, clock, transport);
  const open = (over: Partial<AwsStoreOptions> = {}) => awsStore({ ...options, ...over });
  const stop = async () => {
    transport.close();
    await standIn.stop();
  };
  return { standIn, options, clock, open, store: open(), down: stop, stop };
}
