// Every way a request can fail. A code is part of our API: add rows, never rename one.

interface Failure {
  /** The HTTP status a caller sees. */
  readonly status: number;
  /** Sending the very same request again can succeed without anyone changing anything. */
  readonly retry?: true;
  /** What the caller should do now; appended to the message. */
  readonly next: string;
}

const again = 'Send the same request again; that is safe.';
const inTime = 'Send the same request again after the time given.';
const unsent = 'Nothing was sent; send the same request again.';
const untouched = 'Nothing is lost; it is tried again automatically.';

const rows = {
  INVALID_REQUEST: { status: 400, next: 'Correct the request and send it again.' },
  NAME_INVALID: { status: 400, next: "Choose a name that follows the provider's rule; the contract lists the rules." },
  FIELD_UNKNOWN: {
    status: 400,
    next: 'Leave out the fields that are named; the contract lists those that are allowed.',
  },
  TOKEN_MISSING: { status: 401, next: 'Send a bearer token in the Authorization header.' },
  TOKEN_REFUSED: { status: 401, next: 'Get a token from the issuer that this service trusts.' },
  TOKEN_EXPIRED: { status: 401, next: 'Get a new token and send the same request again.' },
  TOKEN_EARLY: {
    status: 401,
    retry: true,
    next: "Send it when it is valid; if it should be by now, set the issuer's clock or this one's.",
  },
  TOKEN_LIFETIME: { status: 401, next: 'Get a token that is valid for a shorter time.' },
  TOKEN_KIND: { status: 401, next: 'Send an access token, and no token for logging in, refreshing or logging out.' },
  TOKEN_KEY_WEAK: { status: 401, next: 'Have the issuer sign with an RSA key of at least 2048 bits.' },
  TOKEN_AUDIENCE: { status: 403, next: 'Get a token that is meant for this service.' },
  FORBIDDEN: { status: 403, next: 'Ask an operator for the grant that is named.' },
  RATE_LIMITED: { status: 429, retry: true, next: inTime },
  GRANT_FULL: { status: 429, next: 'Retire key pairs that are not needed; they count until they are purged.' },
  ROUTE_UNKNOWN: { status: 404, next: 'The paths are listed at /openapi.json.' },
  TOO_LARGE: { status: 413, next: 'Send at most 16 KiB in a request, and at most 32 KiB in a policy.' },
  MEDIA_TYPE: { status: 415, next: 'Send JSON, as application/json.' },
  KEY_REUSED: { status: 422, next: 'Use a new Idempotency-Key for another request.' },
  INTERNAL: { status: 500, retry: true, next: `${again} Report it if it persists.` },
  NAME_TAKEN: { status: 409, next: 'Choose another name, or have its owner remove it.' },
  KEY_PAIR_ABSENT: { status: 404, next: 'Check the name and the region.' },
  KEY_PAIR_IN_USE: { status: 409, next: 'Detach the key pair from its instances first.' },
  PAIR_NOT_LINGERING: { status: 404, next: 'Read the key pair; it lists the pairs that linger.' },
  CONFIRMATION_STALE: { status: 409, next: 'Ask again without a confirmation, read what it does, and confirm that.' },
  QUOTA_REACHED: { status: 422, next: 'Remove key pairs you no longer need, or ask the cloud for a higher quota.' },
  ACCOUNT_UNKNOWN: { status: 422, next: 'Use an account alias this service knows, or leave it out.' },
  ACCOUNT_MOVED: {
    status: 409,
    next: "Put an access key of the alias's own account back, or give the other account an alias of its own.",
  },
  ACCOUNT_SHARED: { status: 409, next: 'Use the alias that stood for this account first.' },
  REGION_UNKNOWN: { status: 422, next: 'Use a region id that the provider lists.' },
  RESOURCE_GROUP_UNKNOWN: { status: 422, next: 'Use a resource group of this account, or leave it out.' },
  PROJECT_UNKNOWN: { status: 422, next: 'Use a project id of this account; 0 is the default project.' },
  TAGS_REFUSED: { status: 422, next: 'Change the tags; the docs list what each provider allows.' },
  TAG_QUOTA_REACHED: { status: 422, next: 'Send fewer tags, or free some tag values in the account.' },
  PUBLIC_KEY_REFUSED: {
    status: 422,
    next: 'Import an RSA public key in OpenSSH form that the cloud does not have yet.',
  },
  KEY_UNREADABLE: {
    status: 502,
    next: 'The key was not stored; send the request again, and report it if it happens again.',
  },
  KEY_CONTRADICTED: { status: 502, retry: true, next: 'The pair is being removed; send the request again later.' },
  KEY_UNPROVEN: { status: 502, next: 'Permit unproven keys in the configuration, or report this form of fingerprint.' },
  IN_PROGRESS: { status: 409, retry: true, next: inTime },
  DIFFERENT_REQUEST: { status: 409, next: 'Send the first request again, or choose another name.' },
  PERMISSION_DENIED: {
    status: 502,
    next: "Give the function's cloud identity the key-pair permissions.",
  },
  CREDENTIALS_REFUSED: { status: 502, next: 'Check the access key and token stored for this account.' },
  CLOCK_SKEWED: { status: 502, retry: true, next: "Set the function host's clock; the cloud found the request stale." },
  CLOUD_REFUSED: {
    status: 502,
    next: "Look up the upstream code in the cloud's docs; quote the request id when you ask for help.",
  },
  THROTTLED: { status: 503, retry: true, next: inTime },
  CLOUD_UNREACHABLE: { status: 503, retry: true, next: 'Nothing was changed; send the same request again.' },
  DEADLINE_PASSED: { status: 503, retry: true, next: unsent },
  CANCELLED: { status: 503, retry: true, next: unsent },
  LEASE_LOST: { status: 503, retry: true, next: again },
  LEDGER_UNAVAILABLE: { status: 503, retry: true, next: again },
  LEDGER_FENCED: {
    status: 503,
    retry: true,
    next: 'Nothing is deleted until an operator compares and confirms this ledger: keyvend ledger.',
  },
  TRAIL_BEHIND: { status: 503, retry: true, next: 'An operator must see to recovery, which sends the trail on.' },
  TRAIL_CONTRADICTED: { status: 500, next: 'Have an operator run keyvend audit verify; the trail was tampered with.' },
  STORE_UNAVAILABLE: { status: 503, retry: true, next: again },
  STORE_REFUSED: { status: 502, next: "Check the function's rights to the secrets manager and its key." },
  SECRET_NOT_OURS: { status: 409, next: 'Choose another name, or have the owner remove that secret.' },
  VERSION_TAKEN: { status: 409, next: 'Report this: a version id was used for two keys.' },
  QUEUE_UNAVAILABLE: { status: 503, retry: true, next: untouched },
  ISSUER_UNREACHABLE: { status: 503, retry: true, next: 'Send the same request again.' },
  KEY_PAIR_RETIRED: {
    status: 409,
    next: 'Restore it, or wait until it is purged; then the name is free.',
  },
  ROTATION_ABSENT: { status: 404, next: 'Read the key pair; it lists the rotations that are on record.' },
  ROTATION_IN_PROGRESS: { status: 409, retry: true, next: 'Cancel the rotation, or wait until it is over.' },
  ROTATION_PROMOTED: { status: 409, next: 'The new key already counts; rotate again to replace it.' },
  ROTATION_WAITS: {
    status: 409,
    retry: true,
    next: 'Read the key pair: see to the hosts that earlier rotations wait for, or release what lingers.',
  },
  COVERAGE_MISSED: {
    status: 409,
    retry: true,
    next: 'Too few hosts are done. See to those that failed or were not reached, or waive them. It is tried again by itself.',
  },
  HOSTS_TOO_MANY: {
    status: 409,
    next: 'Have the targets mean fewer instances, or use several key pairs.',
  },
  HOSTS_OUTSTANDING: {
    status: 409,
    retry: true,
    next: 'The new key counts; some hosts still know the old one. See to them, or waive them. It is tried again by itself.',
  },
  HOST_UNKNOWN: { status: 404, next: 'Name a host as the rotation lists it: user@host:port.' },
  POLICY_OUT_OF_BOUNDS: {
    status: 422,
    next: 'Keep to the bounds that are named, or ask an operator to move them.',
  },
  HOST_FORBIDDEN: {
    status: 422,
    next: 'List a host within the bounds that are named, or ask an operator to allow it.',
  },
  HOST_UNREACHABLE: { status: 503, retry: true, next: untouched },
  HOST_KEY_UNKNOWN: {
    status: 409,
    next: "List the host's keys in the policy, or let them be recorded (recordHostKeys).",
  },
  HOST_KEY_CHANGED: { status: 409, next: 'Find out why; then give the new host key in the policy.' },
  HOST_BEHIND: { status: 409, retry: true, next: 'Nothing: an older key is taken off this host first.' },
  HOST_REIMAGED: {
    status: 409,
    retry: true,
    next: 'If it was installed anew, put the public key there that counts; or waive the host.',
  },
  LOGIN_REFUSED: {
    status: 409,
    retry: true,
    next: 'Put the public key on the host, or waive it; its sshd may take no RSA, or none so short.',
  },
  LOGIN_LIMITED: {
    status: 409,
    next: 'The host has the key and refuses the account: see PermitRootLogin, second factors and expiry there.',
  },
  HOST_TAKES_NO_RSA: {
    status: 409,
    next: 'Let the server there take RSA keys (rsa-sha2-256), which the clouds make, or waive the host.',
  },
  HOST_COMMAND_FORCED: {
    status: 409,
    next: "Name a management key in the policy: the key's own line does not allow the edit.",
  },
  HOST_SERVER_FORCES: {
    status: 409,
    next: 'No key can edit there: exempt the account from ForceCommand in sshd_config, or waive the host.',
  },
  HOST_SHELL_UNUSABLE: {
    status: 409,
    next: 'Give the account a login shell that runs commands and asks nothing, or waive the host.',
  },
  HOST_SHELL_SILENT: {
    status: 503,
    retry: true,
    next: 'Find out why the login shell there hangs or asks; it is tried again automatically.',
  },
  HOST_SESSION_REFUSED: {
    status: 409,
    retry: true,
    next: 'Let the server there open a session for commands (MaxSessions), or waive the host.',
  },
  HOST_TOOL_MISSING: {
    status: 409,
    next: 'The host needs cat, cp, mv, rm, ls, date, and sha256sum, shasum, openssl or cksum.',
  },
  JUMP_FORBIDDEN: { status: 422, next: 'List a jump host within the bounds, or ask an operator to allow it.' },
  JUMP_UNREACHABLE: { status: 503, retry: true, next: untouched },
  JUMP_KEY_REFUSED: {
    status: 409,
    next: 'Find out why the jump host shows none of the keys that the policy has for it (via.hostKeys).',
  },
  JUMP_REFUSED: {
    status: 409,
    retry: true,
    next: 'List the account on the jump host in this policy, before the hosts behind it.',
  },
  JUMP_NOT_FORWARDING: {
    status: 409,
    next: 'Let the jump host forward to it: AllowTcpForwarding, PermitOpen, and the options of the key there.',
  },
  MANAGEMENT_KEY_ABSENT: { status: 409, next: 'Vend the management key pair, or name another one in the policy.' },
  HOST_NOT_MANAGED: {
    status: 409,
    next: "List the host in the management key pair's own policy, too.",
  },
  HOST_FILE_UNUSABLE: { status: 409, next: 'Make authorized_keys a file that its owner can replace.' },
  HOST_LINE_ABSENT: {
    status: 409,
    next: 'The key is accepted from another source; change it there, then waive the host.',
  },
  HOST_FILE_CHANGING: {
    status: 503,
    retry: true,
    next: 'Others are editing the file; it is tried again automatically.',
  },
  LOGIN_LOST: { status: 409, retry: true, next: 'The old key was put back; find out why the new one stopped working.' },
  LISTING_UNSETTLED: { status: 503, retry: true, next: 'Key pairs were changing while they were read; read again.' },
  OUTCOME_UNKNOWN: { status: 503, retry: true, next: again },
} as const satisfies Record<string, Failure>;
export type FailureCode = keyof typeof rows;
export const failures: Readonly<Record<FailureCode, Failure>> = rows;

/** Whether the failed call can have taken effect all the same. `unknown` must be settled before anything else. */
export type Effect = 'none' | 'unknown';

export interface FailureDetails {
  readonly effect?: Effect;
  /** The upstream's own error code and request id, where it sent them. */
  readonly upstreamCode?: string;
  readonly requestId?: string;
  /** How long to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number;
  /** For the log alone. Never anything that can hold input, a URL or an answer's body. */
  readonly cause?: unknown;
}

/** The one error that crosses a module boundary. A caller may see `message`; only the log sees `cause`. */
export class VendingError extends Error {
  override readonly name = 'VendingError';
  readonly code: FailureCode;
  readonly effect: Effect;
  readonly upstreamCode: string | undefined;
  readonly requestId: string | undefined;
  /** Filled in on the way up, where it is known how long the wait is. */
  retryAfterMs: number | undefined;

  /** @param what says what happened, as a sentence without its full stop and without any input */
  constructor(code: FailureCode, what: string, details: FailureDetails = {}) {
    super(`${what}. ${failures[code].next}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.effect = details.effect ?? 'none';
    this.upstreamCode = details.upstreamCode;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}
