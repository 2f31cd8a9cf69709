// `keyvend show`: a key pair as it is on record.
import { assertConfiguration } from '../lib/application/one-configuration.ts';
import { systemClock } from '../lib/clock.ts';
import { VendingError } from '../lib/errors.ts';
import type { Identity } from '../lib/identity.ts';
import { keyPairLines, keyPairReport } from './key-pair-report.ts';
import { runHere } from './run-here.ts';

/** @throws {VendingError} KEY_PAIR_ABSENT, CONFIGURATION_DIFFERS */
export async function printKeyPair(identity: Identity, json: boolean): Promise<void> {
  const { record, defaults } = await readHere(identity);
  const report = keyPairReport(record, defaults);
  const lines = json ? [JSON.stringify(report)] : keyPairLines(report, systemClock.wallMs());
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** @returns the line of the key that counts, if one does @throws {VendingError} KEY_PAIR_ABSENT, CONFIGURATION_DIFFERS */
export const publicKeyHere = async (identity: Identity): Promise<string | undefined> =>
  (await readHere(identity)).record.versions.at(-1)?.publicKey;

async function readHere(identity: Identity) {
  runHere();
  const { records } = await import('../lib/platforms/records.ts'); // reads its configuration when it is loaded
  const { forRotation } = await import('../lib/platforms/for-rotation.ts');
  const ledger = await records.ledger();
  await assertConfiguration(ledger, systemClock, forRotation.own());
  const record = (await ledger.read(identity))?.record;
  if (record === undefined) throw new VendingError('KEY_PAIR_ABSENT', 'No key pair of that name is on record here');
  return { record, defaults: forRotation.rotation.defaults };
}
