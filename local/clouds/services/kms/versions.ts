// What becomes of a secret's versions and their stages. Source: "Manage generic secrets", PutSecretValue, UpdateSecretVersionStage.
import type { Behaviour } from '../../settings/behaviour.ts';
import type { KmsSecret, SecretVersion } from '../../state/secrets.ts';
import { refuseKms } from './errors.ts';

export const CURRENT = 'ACSCurrent';
export const PREVIOUS = 'ACSPrevious';
const MOST_STAGES = 8;

export const holderOf = ({ versions }: KmsSecret, stage: string): SecretVersion | undefined =>
  versions.find(({ stages }) => stages.includes(stage));

/** A stage is on one version at a time. ACSPrevious goes to the version that ACSCurrent leaves. */
export function moved(secret: KmsSecret, stage: string, to: string | undefined): KmsSecret {
  const from = holderOf(secret, stage);
  const versions = secret.versions.map((version) => ({
    ...version,
    stages: [...version.stages.filter((one) => one !== stage), ...(version.id === to ? [stage] : [])],
  }));
  const after = { ...secret, versions };
  const left = stage === CURRENT && from !== undefined && from.id !== to;
  return left ? moved(after, PREVIOUS, from.id) : after;
}

/** @throws {Refused} Rejected.LimitExceeded */
export function checkStages(secret: KmsSecret): KmsSecret {
  if (secret.versions.flatMap(({ stages }) => stages).length > MOST_STAGES) throw refuseKms('Rejected.LimitExceeded');
  return secret;
}

/** One too many, and one goes; which, the pages do not say with one voice. */
export function dropped(secret: KmsSecret, most: number, behaviour: Behaviour): KmsSecret {
  const { versions } = secret;
  if (versions.length <= most) return secret;
  const earlier = versions.slice(0, -1); // never the one that has just come
  const bare = behaviour['kms.dropped'] === 'earliest' ? undefined : earlier.find(({ stages }) => stages.length === 0);
  const victim = bare ?? earlier[0];
  return { ...secret, versions: versions.filter((version) => version !== victim) };
}
