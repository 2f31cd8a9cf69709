// The client's types are written out from the document. Here they are held against the schemas themselves, by the compiler.
import { describe, expectTypeOf, it } from 'vitest';
import type * as z from 'zod/mini';
import type * as C from '../../client/index.ts';
import type { AccessAnswer, MeAnswer } from '../../lib/contract/access-view.ts';
import type { FileManyAnswer, PoliciesAnswer, VendManyAnswer } from '../../lib/contract/bulk-view.ts';
import type { FiledAnswer, FiledRequest } from '../../lib/contract/filed-request.ts';
import type { KeyPairAnswer, KeyPairMetadata, KeyPairPage } from '../../lib/contract/metadata.ts';
import type { PolicyAnswer, PolicyBody } from '../../lib/contract/policy-body.ts';
import type { Problem } from '../../lib/contract/problem.ts';
import type { MessageAnswer, MessagesAnswer, MessageView } from '../../lib/contract/queue-view.ts';
import type { QuotaAnswer } from '../../lib/contract/quota-view.ts';
import type { ReleaseAnswer, RotationAnswer } from '../../lib/contract/rotation-answer.ts';
import type { AuditAnswer, HistoryAnswer } from '../../lib/contract/trail-view.ts';

describe('the types of the client', () => {
  it('are those of the contract', () => {
    expectTypeOf<C.AccessAnswer>().toEqualTypeOf<z.infer<typeof AccessAnswer>>();
    expectTypeOf<C.Audit>().toEqualTypeOf<z.infer<typeof AuditAnswer>>();
    expectTypeOf<C.Filed>().toEqualTypeOf<z.infer<typeof FiledAnswer>>();
    expectTypeOf<C.FiledOutcomes>().toEqualTypeOf<z.infer<typeof FileManyAnswer>>();
    expectTypeOf<C.FiledStatus>().toEqualTypeOf<z.infer<typeof FiledRequest>>();
    expectTypeOf<C.History>().toEqualTypeOf<z.infer<typeof HistoryAnswer>>();
    expectTypeOf<C.KeyPair>().toEqualTypeOf<z.infer<typeof KeyPairMetadata>>();
    expectTypeOf<C.KeyPairs>().toEqualTypeOf<z.infer<typeof KeyPairPage>>();
    expectTypeOf<C.Me>().toEqualTypeOf<z.infer<typeof MeAnswer>>();
    expectTypeOf<C.Message>().toEqualTypeOf<z.infer<typeof MessageView>>();
    expectTypeOf<C.Messages>().toEqualTypeOf<z.infer<typeof MessagesAnswer>>();
    expectTypeOf<C.MessageWithBody>().toEqualTypeOf<z.infer<typeof MessageAnswer>>();
    expectTypeOf<C.Policy>().toEqualTypeOf<z.infer<typeof PolicyAnswer>>();
    expectTypeOf<C.PolicyChange>().toEqualTypeOf<z.input<typeof PolicyBody>>();
    expectTypeOf<C.PolicyOutcomes>().toEqualTypeOf<z.infer<typeof PoliciesAnswer>>();
    expectTypeOf<C.Problem>().toEqualTypeOf<z.infer<typeof Problem>>();
    expectTypeOf<C.Quota>().toEqualTypeOf<z.infer<typeof QuotaAnswer>>();
    expectTypeOf<C.Release>().toEqualTypeOf<z.infer<typeof ReleaseAnswer>>();
    expectTypeOf<C.Rotation>().toEqualTypeOf<z.infer<typeof RotationAnswer>>();
    expectTypeOf<C.VendedKeyPair>().toEqualTypeOf<z.infer<typeof KeyPairAnswer>>();
    expectTypeOf<C.VendOutcomes>().toEqualTypeOf<z.infer<typeof VendManyAnswer>>();
  });
});
