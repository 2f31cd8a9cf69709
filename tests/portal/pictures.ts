// `npm run portal:pictures`: the pictures of docs/portal.md, of the page as it is, over a stack with some key pairs and a host that is
// switched off. They are taken when somebody asks: times are in them.
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startSshd } from '../../local/sshd.ts';
import { portalScene, region, type Visit } from './scene.ts';

const folder = fileURLToPath(new URL('../../docs/portal/', import.meta.url));
const MOST_BYTES = 120 * 1024;
mkdirSync(folder, { recursive: true });

const [scene, host, silent] = await Promise.all([portalScene(), startSshd(), startSshd()]);
try {
  const at = (name: string, below = '') => `/v1/ecs/key-pairs/${name}${below}?region=${region}`;
  for (const [name, maxAgeDays] of [
    ['web:prod', 30],
    ['web:staging', 5],
    ['web:test', 90],
    ['batch-nightly', 60],
    ['batch-reports', 0],
    ['team-a-api', 20],
    ['team-a-worker', 365],
  ] as const)
    await scene.vend(name, { maxAgeDays });
  for (const name of ['edge-berlin', 'edge-tokyo']) await scene.ask('POST', '/v1/ens/key-pairs', { name });
  await scene.ask('POST', '/v1/cvm/key-pairs', {
    name: 'relay_1',
    region: 'ap-tokyo',
    projectId: 0,
    tags: { team: 'relay' },
  });
  await scene.ask('DELETE', at('web:test'));
  const { body } = await scene.ask('GET', at('web:prod'));
  const [{ publicKey }] = body.versions as [{ publicKey: string }];
  for (const one of [host, silent]) await one.permit([publicKey]);
  await silent.stop();
  const hosts = [host, silent].map(({ hostKeys, ...one }) => ({
    ...{ host: one.host, port: one.port, user: one.user },
    hostKeys: hostKeys.fingerprints,
  }));
  await scene.ask('PUT', at('web:prod', '/policy'), { maxAgeDays: 30, hosts });
  const begun = (await scene.ask('POST', at('web:prod', '/rotations'))).body;
  const other = (await scene.ask('POST', at('batch-nightly', '/rotations'))).body;
  for (const [name, id, code] of [
    ['web:prod', begun.id, 'HOST_UNREACHABLE'],
    ['batch-nightly', other.id, 'promoted'],
  ] as const)
    while (!JSON.stringify((await scene.ask('GET', at(name, `/rotations/${id}`))).body).includes(code));

  const pair = `/key-pairs/ecs/${region}/default/web:prod`;
  const pictures: readonly (readonly [name: string, person: string, place: string, visit: Visit])[] = [
    ['overview', 'operator', '/', {}],
    ['key-pairs', 'operator', '/key-pairs', { theme: 'dark', size: { width: 1080, height: 530 } }],
    ['key-pair', 'operator', pair, {}],
    ['rotation', 'operator', `${pair}/rotations/${begun.id}`, {}],
    ['vend', 'operator', '/vend', { theme: 'dark' }],
    ['why', 'team-a', `/why?right=vend&provider=ecs&region=${region}&name=team-b-web`, {}],
    ['narrow', 'operator', '/', { size: { width: 390, height: 800 }, locale: 'zh-CN', theme: 'dark' }],
  ];
  for (const [name, person, place, visit] of pictures) {
    const { page } = await scene.as(person, place, { size: { width: 1200, height: 760 }, ...visit });
    await page.waitForLoadState('networkidle');
    const path = `${folder}${name}.png`;
    await page.screenshot({ path, animations: 'disabled' });
    const { size } = statSync(path);
    process.stdout.write(`${path}: ${Math.ceil(size / 1024)} KB\n`);
    if (size > MOST_BYTES) process.exitCode = 1;
    await page.context().close();
  }
} finally {
  await scene.stop();
  await Promise.all([host.remove(), silent.remove()]);
}
