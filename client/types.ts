// What the API takes and answers, as the contract's own schemas have it. The published package has the same types written out.
import type * as z from 'zod/mini';
import type {
  AccessAnswer as AccessAnswerSchema,
  AccessQuery as AccessQuerySchema,
  MeAnswer,
} from '../lib/contract/access-view.ts';
import type { PoliciesAnswer, VendManyAnswer } from '../lib/contract/bulk-view.ts';
import type { FiledAnswer, FiledRequest } from '../lib/contract/filed-request.ts';
import type { KeyPairRequest } from '../lib/contract/key-pair-request.ts';
import type {
  KeyPairAnswer,
  KeyPairMetadata,
  KeyPairPage,
  ListQuery as ListQuerySchema,
} from '../lib/contract/metadata.ts';
import type { PolicyAnswer, PolicyBody } from '../lib/contract/policy-body.ts';
import type { Problem as ProblemSchema } from '../lib/contract/problem.ts';
import type {
  MessageAnswer,
  MessagesAnswer,
  MessagesQuery as MessagesQuerySchema,
  MessageView,
} from '../lib/contract/queue-view.ts';
import type { QuotaAnswer } from '../lib/contract/quota-view.ts';
import type { ReleaseAnswer, RotationAnswer } from '../lib/contract/rotation-answer.ts';
import type { AuditAnswer, HistoryAnswer } from '../lib/contract/trail-view.ts';

/** What is read from a query is text there. */
type Query<S extends z.ZodMiniType> = { readonly [F in keyof z.output<S>]?: z.output<S>[F] | undefined };

export type Provider = KeyPairRequest['provider'];
/** What a key pair is asked for with; `tags` and `projectId` are some providers' alone. */
export type VendFields = Omit<KeyPairRequest, 'provider'>;
export type VendRequest = KeyPairRequest;
export type VendedKeyPair = z.infer<typeof KeyPairAnswer>;
export type VendOutcomes = z.infer<typeof VendManyAnswer>;

export type ListQuery = Query<typeof ListQuerySchema>;
export type KeyPair = z.infer<typeof KeyPairMetadata>;
export type KeyPairs = z.infer<typeof KeyPairPage>;
export type Policy = z.infer<typeof PolicyAnswer>;
export type PolicyChange = z.input<typeof PolicyBody>;
export type PolicyOf = Pick<KeyPairRequest, 'provider' | 'account' | 'region' | 'name'> & {
  readonly policy: PolicyChange;
};
export type PolicyOutcomes = z.infer<typeof PoliciesAnswer>;
export type Rotation = z.infer<typeof RotationAnswer>;
export type Release = z.infer<typeof ReleaseAnswer>;

export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}
export interface PlaceQuery extends PageQuery {
  readonly provider?: Provider | undefined;
  readonly region?: string | undefined;
}
export type History = z.infer<typeof HistoryAnswer>;
export type Audit = z.infer<typeof AuditAnswer>;
export type Me = z.infer<typeof MeAnswer>;
export type AccessQuery = z.input<typeof AccessQuerySchema>;
export type AccessAnswer = z.infer<typeof AccessAnswerSchema>;
export type Quota = z.infer<typeof QuotaAnswer>;

export type Filed = z.infer<typeof FiledAnswer>;
export type FiledStatus = z.infer<typeof FiledRequest>;
export type MessagesQuery = Query<typeof MessagesQuerySchema>;
export type Message = z.infer<typeof MessageView>;
export type Messages = z.infer<typeof MessagesAnswer>;
export type MessageWithBody = z.infer<typeof MessageAnswer>;
export type Problem = z.infer<typeof ProblemSchema>;
