// The same contract on another stand-in for DynamoDB, by other authors: where both agree, we rely on neither's quirks.
import { afterAll, describe, it } from 'vitest';
import type { Transport } from '../../lib/transport/wire.ts';
import { startMoto } from '../moto.ts';
import { ledgerContract } from './ledger-contract.ts';
import { localDynamo } from './ledger-dynamodb-local.ts';
import { withLongRecords } from './ledger-harness.ts';

const moto = await startMoto();

describe('the ledger in DynamoDB, by moto', () => {
  if (moto === undefined) return void it('keeps the contract', (ctx) => ctx.skip('moto_server is not installed'));
  const dynamo = localDynamo(moto.endpoint, moto.stop, oneAtATime);
  afterAll(() => dynamo.stop());
  ledgerContract(() => dynamo.table(), 'elsewhere');
  describe('with long records', () =>
    ledgerContract(
      withLongRecords(() => dynamo.table()),
      'elsewhere',
    ));
});

/**
 * moto answers on threads and checks a condition apart from the write, so two writes at once can both meet it. DynamoDB
 * does not; here requests wait for each other, and what races is the order in which they arrive.
 */
function oneAtATime(transport: Transport): Transport {
  let last: Promise<unknown> = Promise.resolve();
  return {
    close: () => transport.close(),
    send(request, call) {
      const answer = last.then(() => transport.send(request, call));
      last = answer.catch(() => {});
      return answer;
    },
  };
}
