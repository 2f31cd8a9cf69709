// Which machines have a key pair, on any of the clouds.
import { connectionOf } from '../providers/connect.ts';
import { fleetConnectionOf } from '../providers/connect-fleet.ts';
import { fleetsBy } from './fleets-by.ts';

export const fleetFor = fleetsBy(connectionOf, fleetConnectionOf);
