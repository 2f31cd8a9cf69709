// A step of the rotation that AWS Secrets Manager drives by a schedule of its own. AWS takes an error for a failed step; nobody
// reads an answer. Source: AWS Secrets Manager User Guide, "Lambda rotation functions".
import { about } from '../../application/about.ts';
import type { rotationJobs } from '../../application/rotation-jobs.ts';
import { awsOptions } from '../../aws/environment.ts';
import { parsedValue } from '../../contract/parse.ts';
import { VendingError } from '../../errors.ts';
import { rotating } from '../../secrets/secrets-manager/aws-rotating.ts';
import type { StoreConfiguration } from '../../secrets/store-table.ts';
import { configuration } from '../checked-configuration.ts';
import { log } from '../logger.ts';
import { runtime } from '../runtime.ts';
import { leftMsOf } from './http.ts';
import { RotationStep, reaches } from './rotation-step.ts';

/** @returns a Lambda function; each step may be repeated */
export const overSecretsManager =
  ({ drive, canRotate }: Pick<ReturnType<typeof rotationJobs>, 'drive' | 'canRotate'>) =>
  async (event: unknown, context: unknown): Promise<void> => {
    const { Step, SecretId, ClientRequestToken: id } = parsedValue(RotationStep, event);
    const { identity, done, filled, awaited } = await rotatingHere(SecretId, id);
    const said = { ...identity, rotationId: id, step: Step };
    if (done) return log.info('rotation step done before', said);
    // With RotateImmediately=false AWS runs this step alone, on a version without a value, which it then takes away.
    if (Step === 'testsecret' && !filled && (await about(identity, canRotate(identity, id))))
      return log.info('rotation can begin', said);
    const driven = drive(identity, id, reaches[Step], { budgetMs: leftMsOf(context), begun: !awaited });
    const { state } = await about(identity, driven);
    log.info('rotation step', { ...said, state });
  };

/** The secret that AWS is rotating, asked with the function's own role. @throws {VendingError} as `rotating` */
async function rotatingHere(arn: string, versionId: string) {
  if (configuration.KEYVEND_STORE !== 'secrets-manager') {
    throw new VendingError('STORE_REFUSED', 'The private keys are not stored in AWS Secrets Manager here');
  }
  const store = configuration as typeof configuration & StoreConfiguration<'secrets-manager'>;
  const { KEYVEND_DEPLOYMENT: deployment } = store;
  return rotating({ ...awsOptions(store, runtime.clock, 'secretsmanager'), deployment }, arn, versionId);
}
