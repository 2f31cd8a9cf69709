// The regions of Tencent's cloud; every action is in one.
import { refuseTencent } from '../protocols/tencent-errors.ts';
import type { World } from './service.ts';

export function checkRegion({ limits, place }: World): void {
  if (!limits['cvm.regions'].includes(place.region)) throw refuseTencent('UnsupportedRegion');
}
