// For commands that can work on the ledger here, and at a deployment over HTTP: which of the two is meant.
import type { Given } from './command.ts';

/** @returns undefined where the ledger here is meant */
export async function remotely(given: Pick<Given, 'url' | 'tokenFile'>) {
  const { targetOf } = await import('../session/target.ts');
  return targetOf(given).kind === 'here' ? undefined : deploymentOf(given);
}

/** For commands that have no other way. */
export async function deploymentOf(given: Pick<Given, 'url' | 'tokenFile'>) {
  const { deployment } = await import('../remote/deployment.ts');
  return deployment(given);
}
