// What the settings of all functions say about the age of keys, in the words of rotation.
import { DAY_MS } from '../clock.ts';
import type { Settings } from '../vending/ports.ts';
import type { AgeDefaults } from '../vending/rotation/rotation-schedule.ts';

export const ageDefaults = ({ maxAgeMs = 0, ageSpread = 0 }: Settings): AgeDefaults => ({
  maxAgeDays: maxAgeMs / DAY_MS,
  ageSpread,
});
