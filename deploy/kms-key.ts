// The customer key of the private keys, the ledger and the logs. Its policy lets the account administer it and permits its use through
// Secrets Manager and DynamoDB alone, for our secrets and our table; who may do that is then up to IAM (roles.ts). CloudWatch Logs
// uses it as itself, for our log groups.
// Source: AWS KMS Developer Guide, "Condition keys for AWS KMS"; Secrets Manager User Guide, "Secret encryption and decryption".
import { tableName } from './ledger-resource.ts';
import { logGroupArns } from './log-groups.ts';
import { kept, type Resources, ref, sub, type Value } from './words.ts';

/** What a service needs that stores what it encrypts under a key, and may encrypt it anew. */
const encrypting = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
];

/** When it checks that a caller may use the key, Secrets Manager names this instead of a secret or a version. */
export const VALIDATION = 'RequestToValidateKeyAccess';
export const via = (service: string) => sub(`${service}.\${AWS::Region}.\${AWS::URLSuffix}`);
export const secretArn = (name: string) =>
  sub(`arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}`);

const administration = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

const account = { AWS: sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`) };

function statement(Sid: string, Action: readonly string[], Condition?: Value, Principal: Value = account): Value {
  // In a key policy `*` is this key.
  return { Sid, Effect: 'Allow', Principal, Action, Resource: '*', ...(Condition === undefined ? {} : { Condition }) };
}

const through = (service: string, more: Readonly<Record<string, Value>> = {}): Record<string, Value> => ({
  StringEquals: { 'kms:ViaService': via(service), 'kms:CallerAccount': ref('AWS::AccountId') },
  ...more,
});

export const key = (stage: string): Resources => ({
  Key: {
    Type: 'AWS::KMS::Key',
    ...kept, // without it every stored private key is lost
    Properties: {
      Description: `keyvend ${stage}: private keys, the ledger and the logs`,
      EnableKeyRotation: true,
      PendingWindowInDays: 30,
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          statement('Administration', administration),
          statement(
            'OurSecrets',
            ['kms:GenerateDataKey', 'kms:Decrypt'],
            through('secretsmanager', {
              StringLike: {
                'kms:EncryptionContext:SecretARN': [
                  secretArn('keyvend/*'),
                  secretArn(`keyvend-upstream/${stage}/*`),
                  VALIDATION,
                ],
              },
            }),
          ),
          statement(
            'OurTable',
            encrypting,
            // With whatever may follow the name: a restored table has another name.
            through('dynamodb', {
              StringLike: { 'kms:EncryptionContext:aws:dynamodb:tableName': `${tableName(stage)}*` },
            }),
          ),
          statement(
            'GrantToDynamoDB',
            ['kms:CreateGrant'],
            through('dynamodb', { Bool: { 'kms:GrantIsForAWSResource': true } }),
          ),
          statement(
            'OurLogs',
            [...encrypting, 'kms:DescribeKey'],
            { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroupArns(stage) } },
            { Service: via('logs') },
          ),
        ],
      },
    },
  },
  KeyAlias: {
    Type: 'AWS::KMS::Alias',
    Properties: { AliasName: `alias/keyvend-${stage}`, TargetKeyId: ref('Key') },
  },
});
