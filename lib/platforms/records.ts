// What reads and commands need: the ledger, and no cloud, no store, no queue.
import { randomUUID } from 'node:crypto';
import { open } from '#ledger/open.ts';
import { Denials } from '../application/denials.ts';
import type { Records } from '../application/runtime.ts';
import { systemClock } from '../clock.ts';
import { access } from './access.ts';
import { configuration } from './checked-configuration.ts';
import { log } from './logger.ts';
import './metrics/embedded.ts';
import { observed } from './metrics/steps.ts';
import { once } from './once.ts';
import { settingsFrom } from './settings.ts';

export const records: Records = {
  access,
  denials: new Denials(systemClock, log, randomUUID()),
  clock: systemClock,
  log,
  newId: randomUUID,
  settings: settingsFrom(configuration),
  ledger: once(async () => observed('ledger', await open(configuration, systemClock))),
};
