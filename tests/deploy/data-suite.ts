// What outlives the stack: the ledger and the KMS key that it is encrypted with.
import { describe, expect, it } from 'vitest';
import { ttlAttribute } from '../../lib/ledger/dynamodb/dynamodb-items.ts';
import { tableDefinition } from '../../lib/ledger/dynamodb/dynamodb-table.ts';
import { everywhere, ofType, type Packaged } from './packaged.ts';

export const data = (example: Packaged) =>
  describe('the table of the ledger', () => {
    const [[, table] = [], ...more] = ofType(example, 'AWS::DynamoDB::Table');
    const { Key, KeyAlias } = example.template.Resources;

    it('is the only one, and is what the ledger expects', () => {
      expect(more).toEqual([]);
      const { TableName, TimeToLiveSpecification, ...properties } = table.Properties;
      expect(properties).toMatchObject(tableDefinition);
      expect(properties.GlobalSecondaryIndexes).toHaveLength(tableDefinition.GlobalSecondaryIndexes.length);
      expect(TimeToLiveSpecification).toEqual({ AttributeName: ttlAttribute, Enabled: true });
      expect(TableName).toBe('keyvend-example-ledger');
    });

    it('can be restored to any moment, and cannot be deleted by accident', () => {
      const { PointInTimeRecoverySpecification, DeletionProtectionEnabled, SSESpecification } = table.Properties;
      expect(PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
      expect(DeletionProtectionEnabled).toBe(true);
      expect(SSESpecification).toMatchObject({ SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } });
    });

    it('stays when the stack goes, and so does the key that it needs', () => {
      for (const { DeletionPolicy, UpdateReplacePolicy } of [table, Key]) {
        expect({ DeletionPolicy, UpdateReplacePolicy }).toEqual({
          DeletionPolicy: 'Retain',
          UpdateReplacePolicy: 'Retain',
        });
      }
      expect(Key.Properties).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
      expect(KeyAlias.Properties).toEqual({ AliasName: 'alias/keyvend-example', TargetKeyId: { Ref: 'Key' } });
    });

    it('shares its key with every log group, and the key needs none of them to be made', () => {
      const groups = ofType(example, 'AWS::Logs::LogGroup');
      expect(groups).toHaveLength(ofType(example, 'AWS::Lambda::Function').length + 1);
      for (const [name, { Properties }] of groups)
        expect(Properties.KmsKeyId, name).toEqual({ 'Fn::GetAtt': ['Key', 'Arn'] });
      // A log group refers to the key, so the key, whose policy has to be there first, may refer to nothing.
      expect(
        [...everywhere(Key, 'Ref'), ...everywhere(Key, 'Fn::GetAtt')].filter((to) => to !== 'AWS::AccountId'),
      ).toEqual([]);
      expect(Key.DependsOn).toBeUndefined();
    });

    it('is named in the outputs, together with whatever else is needed from outside', () => {
      const outputs = Object.keys(example.template.Outputs);
      expect(outputs).toEqual(
        expect.arrayContaining([
          'HttpApiUrl',
          'EnsQueueUrl',
          'EcsQueueUrl',
          'CvmQueueUrl',
          'RotationQueueUrl',
          'RotationFunctionArn',
          'BusName',
          'LedgerName',
          'KeyArn',
        ]),
      );
    });
  });
