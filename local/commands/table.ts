// Every command, in the order in which help lists them.
import { accessCheck, accessCompile, accessExplain } from './access.ts';
import { auditVerify } from './audit.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { key } from './key.ts';
import { ledger, ledgerConfirm } from './ledger.ts';
import { queueList, queuePutBack, queueShow } from './queue.ts';
import { reconcile } from './reconcile.ts';
import { rotate } from './rotate.ts';
import { rotationCancel, rotationShow, rotationWait, rotationWaive } from './rotation.ts';
import { doctor, init, serve } from './server.ts';
import { show } from './show.ts';
import { ssh } from './ssh.ts';

export const commands: readonly Command[] = [
  ...[key, ssh, show],
  ...[rotate, rotationShow, rotationWait, rotationCancel, rotationWaive],
  ...[accessExplain, accessCheck, accessCompile],
  ...[check, reconcile, ledger, ledgerConfirm, queueList, queueShow, queuePutBack, auditVerify],
  ...[init, doctor, serve],
];
