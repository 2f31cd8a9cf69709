// What the functions are asked for, so that each does all that it ever does: what goes well, what is repeated, what failed before, and what was
// left open.
import { title } from '../../deploy/words.ts';
import { type ProviderName, providerNames } from '../../lib/provider-table.ts';
import { OWN_KEY } from './deployed.ts';
import type { Stage } from './stage.ts';

const [MINUTE, DAY] = [60_000, 24 * 60 * 60_000];
const regions: Readonly<Record<ProviderName, string>> = { ens: 'global', ecs: 'cn-hangzhou', cvm: 'ap-tokyo' };
const bodyOf = (provider: ProviderName, name: string) => ({
  name,
  ...(provider === 'ens' ? {} : { region: regions[provider] }),
  ...(provider === 'cvm' && { projectId: 0 }),
});
const secretOf = (provider: ProviderName, name: string) => `keyvend/${provider}/default/${regions[provider]}/${name}`;
/** Of a key pair that asks for no key: it is under the stack's own. */
const SHARED = secretOf('ecs', 'ecshttp_quiet');
const DOWN = { status: 500, type: 'InternalServerError' };

/** @param more of the request */
type Asks = (name: string, more?: object) => Promise<unknown>;

/** What a secret may have of its own. */
const traits = { secretTags: { team: 'web' }, secretKey: OWN_KEY };

export async function play(stage: Stage): Promise<void> {
  for (const provider of providerNames) {
    const post: Asks = (name, more) =>
      stage.http(`${provider}Http`, 'POST', `/v1/${provider}/key-pairs`, { ...bodyOf(provider, name), ...more });
    const queue = `${title(provider)}Queue`;
    const send: Asks = (name, more) =>
      stage.messages(`${provider}Queue`, queue, { provider, ...bodyOf(provider, name), ...more });
    await stage.messages(`${provider}Queue`, queue, 'not json');
    for (const [by, ask] of [
      [`${provider}Http`, post],
      [`${provider}Queue`, send],
    ] as const) {
      const prefix = by.toLowerCase();
      await vended(stage, { provider, by, prefix, ask });
      await vendedBeside(stage, { provider, by, prefix, ask });
    }
  }
  await rotated(stage);
  await heldUp(stage);
  await drivenByAws(stage);
  await leftOpen(stage);
  await retired(stage);
}

interface Vending {
  readonly provider: ProviderName;
  /** The function. */
  readonly by: string;
  readonly prefix: string;
  readonly ask: Asks;
}

/** @throws {Error} unless it went well: else nothing that follows would be as it is called */
async function good(asked: Promise<{ readonly status: number; readonly body: object }>) {
  const { status, body } = await asked;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as { readonly id: string };
}

/** One that is new, one that is there, one that its cloud cannot make now, and one of which nobody could be told. */
async function vended({ clouds, recorder }: Stage, { by, prefix, ask }: Vending): Promise<void> {
  await ask(`${prefix}_web`, traits);
  await ask(`${prefix}_web`, traits);
  clouds.admin.addFault({ match: { name: `${prefix}_busy` }, fault: { kind: 'throttle', retryAfterMs: MINUTE } });
  await ask(`${prefix}_busy`);
  recorder.refused.push({ by, action: 'PutEvents', status: 400, type: 'AccessDeniedException', times: 1 });
  await ask(`${prefix}_quiet`);
  await ask(`${prefix}_quiet`);
}

/** What an attempt before has left: a pair whose answer was lost, a stored key whose pair is gone, and a secret that is to have other traits. */
async function vendedBeside(stage: Stage, { provider, by, prefix, ask }: Vending): Promise<void> {
  const { clouds } = stage;
  const match = { service: provider, action: 'CreateKeyPair', name: `${prefix}_lost` };
  clouds.admin.addFault({ match, fault: { kind: 'drop', when: 'after-commit' } });
  const refused = { ...match, name: `${prefix}_other` };
  clouds.admin.addFault({ match: refused, fault: { kind: 'throttle', retryAfterMs: MINUTE } });
  await ask(`${prefix}_other`);
  await ask(`${prefix}_lost`);
  await dies(stage, by, () => ask(`${prefix}_gone`));
  for (const { id, name } of clouds.admin.pairs(provider))
    if (name === `${prefix}_gone`) await clouds.admin.removeDirectly(id);
  for (let round = 0; round < 3; round += 1) {
    await settled(stage, 'recoverySettle');
    for (const name of [`${prefix}_lost`, `${prefix}_gone`]) await ask(name);
  }
  await ask(`${prefix}_other`, traits); // another request by now, for the secret of the first one
}

/** The key is stored, and then the ledger cannot be had any more. */
async function dies({ recorder }: Stage, by: string, ask: () => Promise<unknown>): Promise<void> {
  recorder.refused.push({ by, action: 'PutItem', ...DOWN, times: 12, once: 'PutSecretValue' });
  await ask();
  for (const one of recorder.refused) one.times = 0;
}

async function settled({ call, later }: Stage, by: string, event: object = {}): Promise<void> {
  later(6 * MINUTE);
  await call(by, event, MINUTE);
}

/** By somebody who may do what no function may: its tags and its key are others then. */
function meddled({ standIn }: Stage, SecretId: string): void {
  standIn.rules.act('TagResource', { SecretId, Tags: [{ Key: 'team', Value: 'other' }] });
  standIn.rules.act('UpdateSecret', { SecretId, KmsKeyId: standIn.rules.held.get(SHARED)!.kmsKeyId });
}

/** Asked for over HTTP, found by the schedule, carried out by the worker; and read. */
async function rotated(stage: Stage): Promise<void> {
  const { http, call, messages } = stage;
  meddled(stage, secretOf('ecs', 'ecshttp_web'));
  const at = '/v1/ecs/key-pairs/ecshttp_web';
  const region = '?region=cn-hangzhou';
  await good(http('lifecycle', 'GET', `${at}/policy${region}`));
  await good(http('lifecycle', 'PUT', `${at}/policy${region}`, { overlapDays: 0 }));
  const { id } = await good(http('lifecycle', 'POST', `${at}/rotations${region}`));
  await good(http('lifecycle', 'GET', `${at}/rotations/${id}${region}`));
  await call('rotationDue');
  await messages('rotationWorker', 'RotationQueue', { provider: 'ecs', region: 'cn-hangzhou', name: 'ecshttp_web' });
  await messages('rotationWorker', 'RotationQueue', 'not json');
  for (const path of ['/v1/key-pairs', `${at}${region}`, `${at}/history${region}`, '/v1/audit'])
    await good(http('catalog', 'GET', path));
}

/** By a host that nobody answers at, by a time that is up, by a ledger that does not answer, and by a secret that somebody has deleted. */
async function heldUp({ http, messages, recorder, standIn }: Stage): Promise<void> {
  const at = '/v1/cvm/key-pairs/cvmhttp_web';
  const region = '?region=ap-tokyo';
  const message = { provider: 'cvm', region: 'ap-tokyo', name: 'cvmhttp_web', rotate: true };
  const host = { host: 'nobody.invalid', user: 'deploy' };
  await good(http('lifecycle', 'PUT', `${at}/policy${region}`, { hosts: [host] }));
  standIn.rules.act('DeleteSecret', { SecretId: secretOf('cvm', 'cvmhttp_web') });
  await messages('rotationWorker', 'RotationQueue', message);
  recorder.refused.push({
    by: 'rotationWorker',
    action: 'GetItem',
    status: 400,
    type: 'ResourceNotFoundException',
    times: 1,
  });
  await messages('rotationWorker', 'RotationQueue', message);
}

async function drivenByAws(stage: Stage): Promise<void> {
  const { call, standIn } = stage;
  meddled(stage, secretOf('cvm', 'cvmqueue_web'));
  const token = 'b9f6e3b2-7c2d-4b1a-9d3e-0a1b2c3d4e5f';
  const SecretId = standIn.rules.beginRotation(secretOf('cvm', 'cvmqueue_web'), token);
  for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'])
    await call('rotationSecretsManager', { Step, SecretId, ClientRequestToken: token }, 120_000);
}

/** What only a function that may read keys can settle, and secrets of what counts that are deleted: once by recovery, once by reconciling. */
async function leftOpen(stage: Stage): Promise<void> {
  const { http, clouds, standIn } = stage;
  const post = (name: string) => http('ecsHttp', 'POST', '/v1/ecs/key-pairs', bodyOf('ecs', name));
  for (const [settles, event] of [
    ['recoverySettle', {}],
    ['recoveryReconcile', { fix: true }],
  ] as const) {
    await dies(stage, 'ecsHttp', () => post(`${settles}_open`));
    await dies(stage, 'ecsHttp', () => post(`${settles}_gone`));
    for (const { id, name } of clouds.admin.pairs('ecs'))
      if (name === `${settles}_gone`) await clouds.admin.removeDirectly(id);
    // Refused at first, so that the deletion of its secret may arrive late; and it does.
    clouds.admin.addFault({ match: { name: `${settles}_late` }, fault: { kind: 'throttle', retryAfterMs: MINUTE } });
    await post(`${settles}_late`);
    await good(post(`${settles}_late`));
    standIn.rules.act('DeleteSecret', { SecretId: secretOf('ecs', `${settles}_late`) });
    for (let round = 0; round < 5; round += 1) await settled(stage, settles, event);
  }
  // Of a region where nothing is, only its attempts say whether it is one.
  await http('ecsHttp', 'POST', '/v1/ecs/key-pairs', { ...bodyOf('ecs', 'nowhere'), region: 'nowhere-1' });
  await stage.call('recoveryCount', {}, MINUTE);
}

async function retired({ http, call, messages, later }: Stage): Promise<void> {
  const at = '/v1/ecs/key-pairs/ecsqueue_web';
  const region = '?region=cn-hangzhou';
  await good(http('lifecycleFleet', 'DELETE', `${at}${region}`));
  await good(http('lifecycle', 'POST', `${at}/restoration${region}`));
  await good(http('lifecycleFleet', 'DELETE', `${at}${region}`));
  later(31 * DAY);
  await call('rotationDue');
  for (let tries = 0; tries < 4; tries += 1) {
    await messages('rotationWorker', 'RotationQueue', { provider: 'ecs', region: 'cn-hangzhou', name: 'ecsqueue_web' });
    later(20 * MINUTE);
  }
}
