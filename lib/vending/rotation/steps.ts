// What is done in each state of a rotation.
import { promote } from './promote.ts';
import { putBack } from './put-back.ts';
import { purgeOld, removeOldKey } from './remove-old.ts';
import { prove, rollOut } from './roll-out.ts';
import type { RotationState } from './rotation.ts';
import { stage } from './stage.ts';
import type { Step } from './step.ts';

export const steps: Readonly<Record<Exclude<RotationState, 'purged' | 'cancelled'>, Step>> = {
  requested: stage,
  staged: rollOut,
  'rolled-out': prove,
  proven: promote,
  promoted: removeOldKey,
  'old-key-removed': purgeOld,
  cancelling: putBack,
};
