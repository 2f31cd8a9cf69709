// What AttachKeyPair and DetachKeyPair answer for each instance: nested texts on ECS, a flat list of numbers and booleans on ENS.
import { VendingError } from '../../errors.ts';
import { asObject, plainWord } from '../../transport/json.ts';
import { type Operation, type Reply, unreadable } from '../outcome.ts';
import { meaningOf } from '../refusals.ts';

/** @returns the failures; an instance that the answer does not mention may have been changed or not */
export function failuresIn(operation: Operation, reply: Reply, ids: readonly string[]): Map<string, VendingError> {
  const { Results } = reply.fields;
  const list = Array.isArray(Results) ? Results : asObject(Results)?.Result;
  const rows = new Map((Array.isArray(list) ? list : []).map(asObject).map((row) => [row?.InstanceId, row]));
  return new Map(
    ids.flatMap((id): [string, VendingError][] => {
      const row = rows.get(id);
      if (row === undefined) return [[id, unreadable(operation, 'without one of the instances', reply.requestId)]];
      return String(row.Success).toLowerCase() === 'true' ? [] : [[id, failure(operation, reply, row.Code)]];
    }),
  );
}

function failure(operation: Operation, { requestId }: Reply, code: unknown): VendingError {
  const upstreamCode = plainWord(String(code)) ?? 'unprintable';
  // ENS gives a status instead of a code, and an error of the server's own may have come after the change.
  const { effect, failure } = /^\d+$/.test(upstreamCode)
    ? ({ failure: 'CLOUD_REFUSED', effect: Number(upstreamCode) < 500 ? 'none' : 'unknown' } as const)
    : meaningOf(operation.refusals, upstreamCode);
  const what = `${operation.service.toUpperCase()} refused ${operation.action} for an instance (${upstreamCode})`;
  return new VendingError(failure, what, { effect, upstreamCode, ...(requestId !== undefined && { requestId }) });
}
