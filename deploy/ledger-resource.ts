// The ledger's table. The code says what it looks like.
import { ttlAttribute } from '../lib/ledger/dynamodb/dynamodb-items.ts';
import { tableDefinition } from '../lib/ledger/dynamodb/dynamodb-table.ts';
import { att, kept, type Resources, type Value } from './words.ts';

/** Fixed, so that a key policy and a backup can name it. */
export const tableName = (stage: string): string => `keyvend-${stage}-ledger`;

export const ledger = (stage: string): Resources => ({
  Ledger: {
    Type: 'AWS::DynamoDB::Table',
    ...kept, // without it nobody can tell which key pairs are ours
    Properties: {
      ...(tableDefinition as unknown as Record<string, Value>),
      TableName: tableName(stage),
      TimeToLiveSpecification: { AttributeName: ttlAttribute, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: att('Key') },
    },
  },
});
