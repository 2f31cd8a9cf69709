// What is done in each state of a rotation.
import { promote } from './promote.ts';
import { handOver, removeOldKey } from './remove-old-key.ts';
import { prove, rollOut } from './roll-out.ts';
import type { RotationState } from './rotation-record.ts';
import { stageSuccessor } from './stage-successor.ts';
import type { Step } from './step-support.ts';
import { undoRotation } from './undo-rotation.ts';

export const steps: Readonly<Record<Exclude<RotationState, 'purged' | 'cancelled'>, Step>> = {
  requested: stageSuccessor,
  staged: rollOut,
  'rolled-out': prove,
  proven: promote,
  promoted: removeOldKey,
  'old-key-removed': handOver,
  cancelling: undoRotation,
};
