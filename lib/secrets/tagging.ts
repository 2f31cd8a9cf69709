// The deployment's own tags, on whatever its store makes.

import type { SecretTags, SecretTraits } from '../secret-traits.ts';
import type { SecretStore } from './secret-store.ts';

/** A store that puts these tags on every secret that it makes. One of the same name that was asked for comes first. */
export function tagging(store: SecretStore, usual: SecretTags = {}): SecretStore {
  if (Object.keys(usual).length === 0) return store;
  const whole = (traits: SecretTraits = {}) => ({ ...traits, secretTags: { ...usual, ...traits.secretTags } });
  return {
    ...store,
    prepare: (identity, mayArrive, traits) => store.prepare(identity, mayArrive, whole(traits)),
    put: (identity, versionId, key, signBefore, keyPairId, traits) =>
      store.put(identity, versionId, key, signBefore, keyPairId, whole(traits)),
  };
}
