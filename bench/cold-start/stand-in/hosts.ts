import type { ProviderName } from '../../../lib/provider-table.ts';
/** One for every host that a deployed function reaches. */
export type Host = 'issuer' | ProviderName | 'secretsmanager' | 'dynamodb' | 'events' | 'sqs';
