// Every cloud, for what works on all of them.
import type { Cloud } from './cloud.ts';
import { cvm } from './cvm.ts';
import { ecs } from './ecs.ts';
import { ens } from './ens.ts';

export const everyCloud: readonly Cloud[] = [ens, ecs, cvm];
