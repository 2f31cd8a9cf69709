/** One for every host that a deployed function reaches. */
export type Host = 'issuer' | 'ens' | 'ecs' | 'cvm' | 'secretsmanager' | 'dynamodb' | 'events' | 'sqs';
