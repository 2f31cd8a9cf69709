// Every cloud, for what works on all of them.

import { cvm } from '../../providers/cvm/connect.ts';
import { ecs } from '../../providers/ecs/connect.ts';
import { ens } from '../../providers/ens/connect.ts';
import type { Cloud } from './cloud.ts';

export const everyCloud: readonly Cloud[] = [ens, ecs, cvm];
