// Rotation: finds what is due, and works on what waits in the queue, one key pair at a time for each worker.
import { PASS_MS, RESERVE_MS, rotationJobs } from '../../lib/application/rotation-jobs.ts';
import { sshHosts } from '../../lib/hosts/ssh.ts';
import { byJob, takeEvents } from '../../lib/platforms/fc/function.ts';
import { acting, workOn } from '../../lib/platforms/fc/working.ts';
import { ROTATION } from '../../lib/platforms/filing.ts';
import { fleetFor } from '../../lib/platforms/fleets.ts';
import { forRotation } from '../../lib/platforms/for-rotation.ts';
import { runtime } from '../../lib/platforms/runtime.ts';
import { connectionOf } from '../../lib/providers/connect.ts';

const hosts = sshHosts({ rules: forRotation.hostRules });
const jobs = rotationJobs({ ...runtime, ...forRotation, fleetFor }, connectionOf, hosts);
const queue = new Map([[ROTATION, acting(jobs.work, PASS_MS + RESERVE_MS)]]);

takeEvents(byJob({ 'rotation-due': () => jobs.handOutDue(), rotate: (leftMs) => workOn(queue, leftMs) }), {
  wakes: ['rotationworker', 'sender'],
  needs: ['ledger', 'inbox'],
});
