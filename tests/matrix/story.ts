// What every cell that is allowed has to do, as somebody outside sees it: vend, by HTTP, by import and by event, rotate, and recover from
// a kill.
import { readFile } from 'node:fs/promises';
import type { Identity } from '../../lib/identity.ts';
import { Secret } from '../../lib/secret.ts';
import { parsePrivateKey } from '../../lib/ssh/private-key.ts';
import { parsePublicKey, publicKeyBits } from '../../lib/ssh/public-key.ts';
import { startSshd } from '../../local/sshd.ts';
import { keyIn } from '../doubles/stores-here.ts';
import { fresh } from './around.ts';
import { type Answered, region, type Subject, until } from './subject.ts';

export interface Step {
  readonly did: string;
  readonly seconds: number;
}

const identity = (name: string): Identity => ({ provider: 'ecs', account: 'default', region, name });
const path = (name: string, below = '') => `/v1/ecs/key-pairs/${name}${below}?region=${region}`;

function need(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
const wanted = (what: string, { status, body }: Answered, ...of: number[]) =>
  need(of.includes(status), `${what} was answered ${status} ${body.code ?? ''}`);

export async function story(subject: Subject): Promise<readonly Step[]> {
  let aheadMs = 0;
  const pairs = (name: string) => subject.clouds.admin.pairs('ecs').filter((pair) => pair.name === name);
  const vend = (name: string, more: object = {}) => subject.ask('POST', '/v1/ecs/key-pairs', { name, region, ...more });
  const stored = (name: string) => keyIn(subject.store, identity(name), aheadMs);
  /** @returns its public key, which the cloud has as well */
  async function oneWithKey(name: string, cloudsName = name): Promise<string> {
    const [pair, ...others] = pairs(cloudsName);
    need(
      pair !== undefined && others.length === 0,
      `${others.length + Number(pair !== undefined)} pairs are called ${cloudsName}`,
    );
    const key = await stored(name);
    need(key !== undefined, `no key of ${name} is stored`);
    const { publicKey } = parsePrivateKey(new Secret(key!));
    need(publicKey === pair!.publicKey, `the key stored for ${name} is another pair's`);
    return publicKey;
  }

  async function overHttp(): Promise<string> {
    const answer = await vend('web');
    wanted('POST /v1/ecs/key-pairs', answer, 201);
    await oneWithKey('web');
    const again = await vend('web');
    need(again.status === 200 && again.body.keyPairId === answer.body.keyPairId, 'the same request got another answer');
    return 'HTTP';
  }

  async function imported(): Promise<string> {
    const name = 'imported';
    const answer = await vend(name, { keySource: 'import', keyBits: 3_072 });
    wanted('POST of a key that is made here', answer, 201);
    const bits = publicKeyBits(parsePublicKey(await oneWithKey(name)));
    need(bits === 3_072, `a key of ${bits} bits was made`);
    return 'by import';
  }

  async function byEvent(): Promise<string> {
    const delivered = await subject.deliver();
    for (const { name } of delivered) {
      await until(name, async () =>
        (await subject.ask('GET', path(name))).body.state === 'active' ? true : undefined,
      );
      await oneWithKey(name);
    }
    return delivered.map(({ by }) => by).join(' and ');
  }

  async function rotated(): Promise<string> {
    const sshd = await startSshd();
    try {
      const before = await oneWithKey('web');
      await sshd.permit([before]);
      const { port, user, hostKeys } = sshd;
      const policy = {
        hosts: [{ host: subject.hostAddress, port, user, hostKeys: hostKeys.fingerprints }],
        overlapDays: 0.00002,
      };
      wanted('PUT of a policy', await subject.ask('PUT', path('web', '/policy'), policy), 200);
      const begun = await subject.ask('POST', path('web', '/rotations'));
      wanted('POST of a rotation', begun, 202);
      const { successor } = await until('the end of a rotation', async () => {
        await subject.turn();
        const { body } = await subject.ask('GET', path('web', `/rotations/${begun.body.id}`));
        const { state } = body;
        need(state !== 'failed' && state !== 'cancelled', `a rotation ${state}`);
        return state === 'old-key-removed' || state === 'purged' ? body : undefined;
      });
      const after = await oneWithKey('web', String((successor as { keyPairName: string }).keyPairName));
      const lines = await readFile(sshd.keysFile(), 'utf8');
      need(!lines.includes(before.split(' ')[1]!), 'the old key still opens the host');
      need(lines.includes(after.split(' ')[1]!), 'the new key does not open the host');
      return 'rotated on sshd';
    } finally {
      await sshd.remove();
    }
  }

  async function killed(): Promise<string> {
    const name = fresh('killed');
    const fault = { kind: 'stall', when: 'after-commit' } as const;
    subject.clouds.admin.addFault({ match: { action: 'CreateKeyPair', name }, fault });
    const lost = vend(name).then(
      ({ status }) => status,
      () => 0,
    );
    await until(`a pair ${name}`, () => pairs(name)[0]);
    need((await stored(name)) === undefined, 'a key is stored that nobody has got');
    await subject.kill();
    need((await lost) !== 201, 'whoever was killed has answered');
    aheadMs = await subject.again();
    // Its key is lost with the process, so that the pair goes.
    await until('recovery', async () => {
      await subject.turn();
      return pairs(name).length === 0 ? true : undefined;
    });
    need((await stored(name)) === undefined, 'a key without a pair is stored');
    await until('the name, free again', async () => {
      const answer = await vend(name);
      wanted(`POST of ${name} after a kill`, answer, 201, 409, 503);
      return answer.status === 201 ? true : undefined;
    });
    await oneWithKey(name);
    await othersAreThere();
    return 'recovered from a kill';
  }
  /** What was there before is there after. */
  async function othersAreThere(): Promise<void> {
    const { body } = await subject.ask('GET', path('web'));
    need(body.state === 'active' && (await stored('web')) !== undefined, 'what was vended before is gone');
  }

  const done: Step[] = [];
  for (const step of [overHttp, imported, byEvent, rotated, killed]) {
    const beganMs = performance.now();
    const did = await step().catch((error: Error) => Promise.reject(new Error(`${step.name}: ${error.message}`)));
    done.push({ did, seconds: (performance.now() - beganMs) / 1_000 });
  }
  need(!/PRIVATE KEY/.test(subject.printed()), 'a private key was printed');
  return done;
}
