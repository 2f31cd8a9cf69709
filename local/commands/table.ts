// Every command, in the order in which help lists them.
import { accessCheck, accessCompile, accessExplain } from './access.ts';
import { adopt, adoptFrom } from './adopt.ts';
import { auditVerify } from './audit.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { history } from './history.ts';
import { key } from './key.ts';
import { ledger, ledgerConfirm } from './ledger.ts';
import { restore, retire } from './lifecycle.ts';
import { list } from './list.ts';
import { policyGet, policySet } from './policy.ts';
import { queueList, queuePutBack, queueShow } from './queue.ts';
import { quota } from './quota.ts';
import { reconcile } from './reconcile.ts';
import { rotate } from './rotate.ts';
import { rotationCancel, rotationShow, rotationWait, rotationWaive } from './rotation.ts';
import { doctor, init, serve } from './server.ts';
import { show } from './show.ts';
import { login, logout, open, whoami } from './signing-in.ts';
import { ssh } from './ssh.ts';
import { vend } from './vend.ts';

export const commands: readonly Command[] = [
  ...[vend, adopt, adoptFrom, list, show, key, ssh, retire, restore, history],
  ...[rotate, rotationShow, rotationWait, rotationCancel, rotationWaive, policyGet, policySet],
  ...[accessExplain, accessCheck, accessCompile, quota],
  ...[check, reconcile, ledger, ledgerConfirm, queueList, queueShow, queuePutBack, auditVerify],
  ...[init, doctor, serve],
  ...[login, logout, whoami, open],
  ...[completion],
];
