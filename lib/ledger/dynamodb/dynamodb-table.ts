// The table, in the words that CreateTable and CloudFormation's AWS::DynamoDB::Table share.
//
//   partition key            sort key        what
//   <identity>               record          the identity's record, with its revision and what the indexes need
//   <identity>               attempt/<id>    one attempt
//   remembered/<SHA-256>     remembered      a value that stands until a moment; the key is hashed, as a caller chose it
//   slots/<window>           slots           who took the permits of one window
//
// The indexes hold keys only, and only of records: an index entry is written when a record comes, or changes its state or
// a due time, not whenever it is replaced; what a listing shows is read from the table itself, as it stands now.

const keys = (hash: string, range: string) =>
  [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ] as const;
const index = (name: string, hash: string, range: string) =>
  ({ IndexName: name, KeySchema: keys(hash, range), Projection: { ProjectionType: 'KEYS_ONLY' } }) as const;
const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' }) as const;
const number = (name: string) => ({ AttributeName: name, AttributeType: 'N' }) as const;

/** Without its name. `ttlAttribute` (dynamodb-items.ts) is set by UpdateTimeToLive or `TimeToLiveSpecification`. */
export const tableDefinition = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    text('pk'),
    text('sk'),
    text('listed'),
    text('provider'),
    text('providerState'),
    text('shard'),
    number('settle'),
    number('rotate'),
    number('announce'),
  ],
  KeySchema: keys('pk', 'sk'),
  GlobalSecondaryIndexes: [
    index('by-provider', 'provider', 'listed'),
    index('by-state', 'providerState', 'listed'),
    // One partition key for all three: a record without the moment has no sort key, and so no entry.
    index('settle', 'shard', 'settle'),
    index('rotate', 'shard', 'rotate'),
    index('announce', 'shard', 'announce'),
  ],
} as const;
