// Servers for tests: one per test, one key source for all of them, everything closed afterwards.
import { onTestFinished } from 'vitest';
import { type Clouds, type CloudsOptions, startClouds } from '../../../local/clouds/clouds.ts';
import { KeySource } from '../../../local/clouds/keys/key-source.ts';

// A small machine takes a long time to make whole keys, and most tests do not care where a key comes from.
const keys = new KeySource({ ready: 0, combinations: 20 });

/** Without CVM's limit of requests per second unless asked for: it counts real seconds here. */
export async function started(options: CloudsOptions = {}): Promise<Clouds> {
  const limits = { 'cvm.requestsPerSecond': 1_000_000, ...options.limits };
  const clouds = await startClouds({ keys, ...options, limits });
  onTestFinished(() => clouds.close());
  return clouds;
}
