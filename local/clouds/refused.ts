// A request the cloud answers with one of its own error codes. Thrown anywhere, rendered once, in protocols/.

/** One row of a service's error table. `%s` in the message is filled in when a request is refused with it. */
interface ErrorRow {
  /** HTTP status: Alibaba's services answer 4xx and 5xx, Tencent's always 200. */
  readonly status: number;
  readonly message: string;
}
export type ErrorTable = Readonly<Record<string, ErrorRow>>;

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: string;
  readonly status: number;
  /** Headers of the answer, such as `x-acs-retry-after`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/**
 * Refuses with a row of a table: `const refuse = refuser(table); throw refuse('MissingParameter')`.
 * A `%s` in the code or the message is replaced by `detail`: `refuse('InvalidParameter.%s', 'PageSize')` has the code
 * `InvalidParameter.PageSize`.
 */
export const refuser =
  <T extends ErrorTable>(table: T) =>
  (code: keyof T & string, detail = ''): Refused => {
    const { status, message } = table[code] as ErrorRow;
    return new Refused(code.replace('%s', detail), status, message.replace('%s', detail));
  };

/**
 * Any documented code by its wire spelling, templates included: `InvalidParameter.KeyPairName` finds `InvalidParameter.%s`.
 * @returns undefined when no table knows the code
 */
export function documented(tables: readonly ErrorTable[], code: string, detail = ''): Refused | undefined {
  for (const table of tables) {
    const exact = table[code];
    if (exact) return new Refused(code, exact.status, exact.message.replace('%s', detail));
  }
  const [family = '', ...rest] = code.split('.');
  for (const table of tables) {
    const template = table[`${family}.%s`];
    if (template && rest.length > 0) {
      return new Refused(code, template.status, template.message.replace('%s', rest.join('.')));
    }
  }
  return undefined;
}
