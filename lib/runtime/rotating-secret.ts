// The secret that AWS Secrets Manager is rotating, asked with the function's own role.
import { credentialsIn } from '../aws/signing.ts';
import { systemClock, wait } from '../clock.ts';
import { VendingError } from '../errors.ts';
import { type Rotating, type RotatingOptions, rotating } from '../secrets/secrets-manager/aws-rotating.ts';
import { createTransport } from '../transport/transport.ts';
import { configuration } from './runtime.ts';

let options: RotatingOptions | undefined;

/** @throws {VendingError} STORE_REFUSED where keys are kept elsewhere, and as `rotating` */
export async function rotatingSecret(arn: string, versionId: string): Promise<Rotating> {
  options ??= optionsHere();
  return rotating(options, arn, versionId);
}

function optionsHere(): RotatingOptions {
  if (configuration.KEYVEND_PLATFORM !== 'aws') {
    throw new VendingError('STORE_REFUSED', 'The private keys are not kept in AWS Secrets Manager here');
  }
  const credentials = credentialsIn(configuration);
  const endpoint = configuration.AWS_ENDPOINT_URL_SECRETS_MANAGER;
  return {
    transport: createTransport({ clock: systemClock }),
    clock: systemClock,
    wait,
    region: configuration.AWS_REGION,
    credentials: async () => credentials,
    deployment: configuration.KEYVEND_DEPLOYMENT,
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}
