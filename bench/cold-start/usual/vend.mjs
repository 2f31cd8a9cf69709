// Vending with AWS's own services behind it.
import * as events from './events.mjs';
import * as ledger from './ledger.mjs';
import * as secrets from './secrets.mjs';
import { vendWith } from './vending.mjs';

export const vend = (...of) => vendWith({ ...events, ...ledger, ...secrets }, ...of);
