// The mark on a version that a rotation is bringing in. Source: AWS Secrets Manager API Reference, UpdateSecretVersionStage.
import type { Identity } from '../../identity.ts';
import { notKept } from '../secret-store.ts';
import { unexplained } from './aws-calls.ts';
import { look, type Shelf } from './aws-lookup.ts';
import { holderOf, isKept, PENDING } from './aws-secret.ts';

/** See `SecretStore.markPending`. */
export async function markPending(shelf: Shelf, identity: Identity, versionId: string | undefined): Promise<void> {
  const secret = await look(shelf, identity);
  if (versionId !== undefined && !(secret && isKept(secret, versionId))) throw notKept();
  const holder = secret && holderOf(secret, PENDING);
  if (secret === undefined || secret.scheduled || holder === versionId) return;
  const moved = await shelf.manager.ask(
    'UpdateSecretVersionStage',
    { SecretId: secret.arn, VersionStage: PENDING, MoveToVersionId: versionId, RemoveFromVersionId: holder },
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
  );
  if (typeof moved !== 'string') return;
  const now = await look(shelf, identity); // a lost try of ours may have moved it
  if (now === undefined || holderOf(now, PENDING) !== versionId) throw unexplained('UpdateSecretVersionStage', moved);
}
