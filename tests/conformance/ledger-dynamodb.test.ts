import { afterAll, beforeAll, describe } from 'vitest';
import { ledgerContract } from './ledger-contract.ts';
import { type LocalDynamo, startDynalite } from './ledger-dynamodb-local.ts';
import { withLongRecords } from './ledger-harness.ts';

describe('the ledger in DynamoDB', () => {
  let dynamo: LocalDynamo;
  beforeAll(async () => {
    dynamo = await startDynalite();
  });
  afterAll(() => dynamo.stop());
  ledgerContract(() => dynamo.table(), 'elsewhere');
  describe('with long records', () =>
    ledgerContract(
      withLongRecords(() => dynamo.table()),
      'elsewhere',
    ));
});
