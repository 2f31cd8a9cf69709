// What is needed to ask for a rotation, and to have it begun at once: no cloud, no host, no key.
import type { Identity } from '../identity.ts';
import type { CommandPorts } from '../vending/rotation/rotation-ports.ts';
import { rotationQueueUrl, rotationSettings } from './rotation-settings.ts';
import { runtime } from './runtime.ts';

export async function commandPorts(): Promise<CommandPorts> {
  const { ledger, clock, newId, settings } = (await runtime()).ports;
  return { ledger, clock, newId, settings, rotation: rotationSettings };
}

/** Hands a key pair to rotation's worker. */
export const wake = async (identity: Identity): Promise<void> =>
  (await runtime()).send(rotationQueueUrl, JSON.stringify(identity), {});
