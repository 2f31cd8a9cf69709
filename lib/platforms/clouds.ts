// How the functions of one process reach the clouds: with one transport, and each access key read once.
import { cloudAccess } from '#platform/ports.ts';
import { systemClock } from '../clock.ts';
import { AccountPins } from '../vending/account-pin.ts';
import { configuration } from './checked-configuration.ts';
import { once } from './once.ts';
import { records } from './records.ts';

export const access = once(async () => cloudAccess(configuration, systemClock));

export const pins = once(async () => new AccountPins(await records.ledger(), systemClock, records.settings));
