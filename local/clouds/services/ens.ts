// ENS, Alibaba's Edge Node Service, 2017-11-10. No regions, no tags; delete takes one pair although its name is plural.
// Source: ENS CreateKeyPair, ImportKeyPair, DescribeKeyPairs, DeleteKeyPairs.
import { importedRsa } from '../keys/imported.ts';
import type { Call } from '../protocols/protocol.ts';
import { documented, type Refused } from '../refused.ts';
import type { Pair } from '../state/registry.ts';
import { isAlibabaName } from './alibaba-name.ts';
import { boundTo } from './bindings.ts';
import { ensErrors, refuseEns } from './ens-errors.ts';
import { attachKeyPair, describeInstances, detachKeyPair } from './ens-instances.ts';
import { cut, pageParameter, shownFingerprint, shownTime, visible } from './listing.ts';
import { create, discard, importKey } from './making.ts';
import type { Action, Service, World } from './service.ts';

const createKeyPair: Action = (call) => {
  const name = newName(call);
  return async (world) => {
    const { pair, privateKey } = await create(world, { name }, () => mayAdd(world, name));
    return {
      body: {
        KeyPairFingerPrint: fingerprint(world, pair),
        KeyPairId: pair.id,
        KeyPairName: pair.name,
        PrivateKeyBody: privateKey,
      },
      made: pair,
    };
  };
};

const importKeyPair: Action = (call) => {
  const name = newName(call);
  const publicKey = text(call, 'PublicKeyBody');
  if (!publicKey) throw refuseEns('MissingParameter');
  const key = importedRsa(publicKey);
  if (!key) throw refuseEns('InvalidParameter.%s', 'PublicKeyBody');
  return async (world) => {
    const pair = await importKey(world, { name }, key, () => mayAdd(world, name));
    return {
      body: {
        KeyPairFingerPrint: fingerprint(world, pair),
        ...(world.behaviour['ens.importReturnsId'] && { KeyPairId: pair.id }),
        KeyPairName: pair.name,
      },
      made: pair,
    };
  };
};

const describeKeyPairs: Action = (call) => {
  const [id, name] = [text(call, 'KeyPairId'), text(call, 'KeyPairName')];
  const page = pageParameter(text(call, 'PageNumber'), 1);
  const size = pageParameter(text(call, 'PageSize'), 10);
  if (page === undefined) throw refuseEns('InvalidParameter.%s', 'PageNumber');
  if (size === undefined) throw refuseEns('InvalidParameter.%s', 'PageSize');
  return async (world) => {
    const { behaviour } = world;
    const byName = behaviour['ens.nameFilter'] === 'exact' ? name : '';
    const found = visible(world).filter((pair) => (!id || pair.id === id) && (!byName || pair.name === byName));
    const asSent = (value: number): number | string =>
      behaviour['ens.pageFields'] === 'strings' ? String(value) : value;
    return {
      body: {
        KeyPairs: {
          KeyPair: cut(found, page, size).map((pair) => ({
            CreationTime: shownTime(pair.createdAtMs, 'seconds'),
            KeyPairFingerPrint: fingerprint(world, pair),
            KeyPairId: pair.id,
            KeyPairName: pair.name,
          })),
        },
        PageNumber: asSent(page),
        PageSize: asSent(size),
        TotalCount: asSent(found.length),
      },
    };
  };
};

const deleteKeyPairs: Action = (call) => {
  const [id, name] = [text(call, 'KeyPairId'), text(call, 'KeyPairName')];
  if (!id && !name) throw refuseEns('MissingParameter');
  return async (world) => {
    const { behaviour, place, registry } = world;
    // By name alone, the oldest of that name goes: names need not be unique (`ens.duplicateName`).
    const pair = registry.at(place).find((each) => (!id || each.id === id) && (!name || each.name === name));
    const unknown = behaviour['ens.deleteUnknown'];
    if (!pair && unknown !== 'success') throw switched(unknown, 'the key pair does not exist');
    const attached = behaviour['ens.deleteAttached'];
    if (pair && boundTo(world, pair).length > 0 && attached !== 'success') throw refuseEns(attached);
    if (pair) await discard(world, [pair]);
    return { body: {} };
  };
};

const text = ({ parameters }: Call, name: string): string => String(parameters.get(name) ?? '');

function newName(call: Call): string {
  const name = text(call, 'KeyPairName');
  if (!name) throw refuseEns('MissingParameter');
  if (!isAlibabaName(name)) throw refuseEns('InvalidParameter.%s', 'KeyPairName');
  return name;
}

/** Neither the code for a taken name nor a quota is documented. */
function mayAdd({ behaviour, limits, place, registry }: World, name: string): void {
  const pairs = registry.at(place);
  const duplicate = (): void => {
    const answer = behaviour['ens.duplicateName'];
    if (answer !== 'accepted' && pairs.some((pair) => pair.name === name)) {
      throw switched(answer, 'the key pair name exists');
    }
  };
  const quota = (): void => {
    if (pairs.length >= limits['ens.keyPairs']) {
      throw switched(behaviour['ens.quotaReached'], 'the number of key pairs exceeds the limit');
    }
  };
  const checks = [duplicate, quota];
  if (behaviour['order.limits'] === 'quota-before-duplicate') checks.reverse();
  for (const check of checks) check();
}

const switched = (code: string, detail: string): Refused =>
  documented([ensErrors], code, detail) ?? refuseEns('ens.interface.error');

const fingerprint = ({ behaviour }: World, pair: Pair): string =>
  shownFingerprint(pair, behaviour['ens.fingerprintColons']);

export const ens: Service = {
  actions: new Map([
    ['CreateKeyPair', createKeyPair],
    ['ImportKeyPair', importKeyPair],
    ['DescribeKeyPairs', describeKeyPairs],
    ['DeleteKeyPairs', deleteKeyPairs],
    ['DescribeInstances', describeInstances],
    ['AttachKeyPair', attachKeyPair],
    ['DetachKeyPair', detachKeyPair],
  ]),
  errors: ensErrors,
  unpermitted: () => refuseEns('NoPermission'),
};
