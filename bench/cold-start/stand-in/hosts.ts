import type { ServiceName } from '../../../local/clouds/state/registry.ts';
/** One for every host that a deployed function reaches. */
export type Host = 'issuer' | ServiceName | 'secretsmanager' | 'dynamodb' | 'events' | 'sqs';
