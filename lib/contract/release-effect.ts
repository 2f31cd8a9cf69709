// What detaching a pair does to an instance, for the person who is to confirm it.
// Source: DetachKeyPair of ECS 2014-05-26 and ENS 2017-11-10, DisassociateInstancesKeyPairs of CVM 2017-03-12.
import type { ProviderName } from '../provider-table.ts';

export const effectOfRelease: Readonly<Record<ProviderName, string>> = {
  ens: 'Only stopped instances let the pair go. When one starts again, it has no key pair: whoever logs in by the old key alone is locked out.',
  ecs: 'Nothing happens to an instance until it starts again. Then it has no key pair, and logins with a password are on again.',
  cvm: 'Every instance that runs is switched off, as by a power cut, and started again. Where no password was ever set, nobody gets in until one is.',
};
