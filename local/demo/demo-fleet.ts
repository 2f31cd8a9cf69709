// `npm run demo -- --fleet`: a key pair that an instance was launched with and a launch template names, rotated twice: what lingers
// and why, what names it, its release, and the name given back. Leaves nothing behind.
import { shortWindows } from '../stack/short-windows.ts';

Object.assign(process.env, shortWindows); // before the stack reads them
const { demoScene, say } = await import('./scene.ts');
type Rotation = import('./scene.ts').Rotation;

const OVERLAP_S = 3;
const demo = await demoScene();
const { region, name } = demo.identity;

try {
  await demo.vendAndPermit();
  await launched();
  await demo.listHost(OVERLAP_S, { keepName: true });
  const first = await demo.stored();
  await rotated('the first rotation');
  await demo.tryLogin('the new key', await demo.stored());
  await demo.tryLogin('the old key', first, false);
  const { lingering, ownName } = await demo.untilKeyPair((pair) => pair.ownName?.code !== undefined);
  say(`\nlingering: ${JSON.stringify(lingering)}`);
  say(`\nname: ${JSON.stringify(ownName)}`);

  await rotated('the second rotation, beside it');
  await demo.tryLogin('the newest key', await demo.stored());
  await demo.untilKeyPair(({ versions }) => versions.length === 2);
  say(
    '\nthe pair that the second rotation replaced is purged: nothing had it. The first one is still kept, with its key',
  );

  const release = demo.pathOf(`/lingering/${lingering![0]!.id}/release`);
  const { confirmation } = (await demo.ask('POST', release)) as { confirmation: string };
  await demo.ask('POST', release, { confirmation });
  const after = await demo.untilKeyPair((pair) => pair.versions.length === 1 && pair.ownName?.current === true);
  say('\nreleased: the old pair and its key are gone, and only the newest is left');
  say(`\nname: ${JSON.stringify(after.ownName)}`);
  launchedAgain(after.versions[0]!.publicKey);
} finally {
  await demo.close();
}

/** As somebody did who knew the pair by its name. */
async function launched(): Promise<void> {
  const { fleet } = demo.stack.clouds.admin!;
  const { id } = await fleet.addInstance({ service: 'ecs', region, name: 'web-1', keyPair: name });
  await fleet.addTemplate({ service: 'ecs', region, name: 'web', data: { KeyPairName: name } });
  say(`\ncloud: instance ${id} is launched with the pair, and the launch template web names it`);
}

/** What the template names by now. */
function launchedAgain(publicKey: string): void {
  const [pair] = demo.stack.clouds.admin!.pairs('ecs').filter((one) => one.name === name);
  const isCurrent = pair?.publicKey === publicKey;
  say(
    `\ncloud: the launch template web names ${name}, whose public key is ${isCurrent ? 'the one that counts' : 'another'}`,
  );
  if (!isCurrent) process.exitCode = 1;
}

async function rotated(which: string): Promise<void> {
  say(`\n${which}`);
  const { id } = (await demo.ask('POST', demo.pathOf('/rotations'))) as Rotation;
  await demo.reaches(id, 'old-key-removed');
  say(`\nold key removed: the overlap of ${OVERLAP_S} s is over`);
}
