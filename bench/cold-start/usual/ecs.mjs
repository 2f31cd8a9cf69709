// Key pairs of ECS, as functions of AWS's.
import { Body, cloud } from './ecs-cloud.mjs';
import { functionsOf } from './functions.mjs';
import { vend } from './vend.mjs';

export const { http, queue } = functionsOf(Body, ({ account, region, name, ...request }, caller) =>
  vend(cloud, { provider: 'ecs', account, region, name }, request, caller),
);
