// `npm run demo -- --rotate`: a key pair vended, let in by a real sshd, and rotated: logins with the real ssh before, in the overlap
// and after it. Leaves nothing behind.
import { demoScene, type Rotation, say } from './scene.ts';

const OVERLAP_S = 5;
const demo = await demoScene();

try {
  await demo.vendAndPermit();
  const old = await demo.stored();
  await demo.tryLogin('the key', old);
  await demo.listHost(OVERLAP_S);
  const { id } = (await demo.ask('POST', demo.pathOf('/rotations'))) as Rotation;

  const { successor } = await demo.reaches(id, 'promoted');
  say(`\npromoted: readers get ${successor?.keyPairId}, which the cloud calls ${successor?.keyPairName}`);
  await demo.tryLogin('the new key', await demo.stored());
  await demo.tryLogin('the old key, in its overlap', old);

  await demo.reaches(id, 'old-key-removed');
  say(`\nold key removed: the overlap of ${OVERLAP_S} s is over, a week by default`);
  await demo.tryLogin('the new key', await demo.stored());
  await demo.tryLogin('the old key', old, false);
  say(
    '\nthe old pair and its key are purged once nothing that was signed for them can arrive any more, here in 20 minutes',
  );
} finally {
  await demo.close();
}
