// Whether this deployment's store can give a secret what a request wants of it. Told before anything is made, by the field.
import { type InvalidField, InvalidRequest } from '../contract/problem-of.ts';
import type { Settings } from '../vending/ports.ts';
import type { Request } from '../vending/record.ts';

type Able = Pick<Settings, 'secretTraits' | 'secretTags'>;

/** @throws {InvalidRequest} */
export function withinStore<O extends { readonly request: Request }>(settings: Able, order: O): O {
  const wrong = [tagsFault(settings, order.request), keyFault(settings, order.request)].filter(
    (one) => one !== undefined,
  );
  if (wrong.length > 0) throw new InvalidRequest(wrong, 'INVALID_REQUEST', 'The secret store cannot do this');
  return order;
}

function tagsFault({ secretTraits = {}, secretTags: usual = {} }: Able, { secretTags = {} }: Request) {
  const { mostTags = 0 } = secretTraits;
  const asked = Object.keys(secretTags).length;
  if (asked === 0 || Object.keys({ ...usual, ...secretTags }).length <= mostTags) return undefined;
  const detail =
    mostTags === 0
      ? 'are kept by no secret of this deployment: its store has none'
      : `are too many: with those of the deployment, a secret has room for ${mostTags}`;
  return { pointer: '#/secretTags', detail } satisfies InvalidField;
}

const keyFault = (
  { secretTraits: { ownKeys = false } = {} }: Able,
  { secretKey }: Request,
): InvalidField | undefined =>
  secretKey === undefined || ownKeys
    ? undefined
    : {
        pointer: '#/secretKey',
        detail: "is of no use here: this deployment's store encrypts with no key of one's own",
      };
