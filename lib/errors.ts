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
const orWaive = ', or waive the host.';
const offerOurs = 'offer KexAlgorithms, Ciphers and MACs that docs/rotation.md lists';
const untouched = 'Nothing is lost; it is tried again automatically.';

/** Lasts until somebody changes something. */
const lasting = (status: number, next: string): Failure => ({ status, next });
/** Sending the very same request again can succeed without anyone changing anything. */
const passing = (status: number, next: string): Failure => ({ status, retry: true, next });

const rows = {
  INVALID_REQUEST: lasting(400, 'Correct the request and send it again.'),
  NAME_INVALID: lasting(400, "Choose a name that follows the provider's rule; the contract lists the rules."),
  FIELD_UNKNOWN: lasting(400, 'Leave out the fields that are named; the contract lists those that are allowed.'),
  TOKEN_MISSING: lasting(401, 'Send a bearer token in the Authorization header.'),
  TOKEN_REFUSED: lasting(401, 'Get a token from the issuer that this service trusts.'),
  TOKEN_EXPIRED: lasting(401, 'Get a new token and send the same request again.'),
  TOKEN_EARLY: passing(401, "Send it when it is valid; if it should be by now, set the issuer's clock or this one's."),
  TOKEN_LIFETIME: lasting(401, 'Get a token that is valid for a shorter time.'),
  TOKEN_KIND: lasting(401, 'Send an access token, and no token for logging in, refreshing or logging out.'),
  TOKEN_KEY_WEAK: lasting(401, 'Have the issuer sign with an RSA key of at least 2048 bits.'),
  TOKEN_AUDIENCE: lasting(403, 'Get a token that is meant for this service.'),
  FORBIDDEN: lasting(403, 'Ask an operator for the grant that is named.'),
  RATE_LIMITED: passing(429, inTime),
  GRANT_FULL: lasting(429, 'Retire key pairs that are not needed; they count until they are purged.'),
  ROUTE_UNKNOWN: lasting(404, 'The paths are listed at /openapi.json.'),
  TOO_LARGE: lasting(413, 'Send at most 16 KiB in a request, 64 KiB in a batch, and 1 MiB in a policy or policies.'),
  MEDIA_TYPE: lasting(415, 'Send JSON, as application/json.'),
  KEY_REUSED: lasting(422, 'Use a new Idempotency-Key, or a new id of the event, for another request.'),
  INTERNAL: passing(500, `${again} Report it if it persists.`),
  NAME_TAKEN: lasting(409, 'Choose another name, or have its owner remove it.'),
  KEY_PAIR_ABSENT: lasting(404, 'Check the name and the region.'),
  KEY_PAIR_IN_USE: lasting(409, 'Detach the key pair from its instances first.'),
  REQUEST_ABSENT: lasting(404, 'Check its id; a request that is done is forgotten after a week.'),
  PAIR_NOT_LINGERING: lasting(404, 'Read the key pair; it lists the pairs that linger.'),
  CONFIRMATION_STALE: lasting(409, 'Ask again without a confirmation, read what it does, and confirm that.'),
  QUOTA_REACHED: lasting(422, 'Remove key pairs you no longer need, or ask the cloud for a higher quota.'),
  ACCOUNT_UNKNOWN: lasting(422, 'Use an account alias this service knows, or leave it out.'),
  ACCOUNT_MOVED: lasting(
    409,
    "Put an access key of the alias's own account back, or give the other account an alias of its own.",
  ),
  ACCOUNT_SHARED: lasting(409, 'Use the alias that stood for this account first.'),
  REGION_UNKNOWN: lasting(422, 'Use a region id that the provider lists.'),
  RESOURCE_GROUP_UNKNOWN: lasting(422, 'Use a resource group of this account, or leave it out.'),
  PROJECT_UNKNOWN: lasting(422, 'Use a project id of this account; 0 is the default project.'),
  TAGS_REFUSED: lasting(422, 'Change the tags; the docs list what each provider allows.'),
  TAG_QUOTA_REACHED: lasting(422, 'Send fewer tags, or free some tag values in the account.'),
  PUBLIC_KEY_REFUSED: lasting(422, 'Import an RSA public key in OpenSSH form that the cloud does not have yet.'),
  KEY_UNREADABLE: lasting(502, 'The key was not stored; send the request again, and report it if it happens again.'),
  KEY_CONTRADICTED: passing(502, 'The pair is being removed; send the request again later.'),
  KEY_UNPROVEN: lasting(502, 'Permit unproven keys in the configuration, or report this form of fingerprint.'),
  KEY_NOT_OF_PAIR: lasting(422, 'Give the key of this very pair. Nothing was stored.'),
  PAIR_UNPROVEN: lasting(422, "Give the pair's private key, or its public key where nobody has the private one."),
  PAIR_AMBIGUOUS: lasting(409, 'The cloud has several pairs of that name: remove or rename all but one.'),
  IN_PROGRESS: passing(409, inTime),
  DIFFERENT_REQUEST: lasting(409, 'Send the first request again, or choose another name.'),
  PERMISSION_DENIED: lasting(502, "Give the function's cloud identity the key-pair permissions."),
  CREDENTIALS_REFUSED: lasting(502, 'Check the access key and token stored for this account.'),
  CLOCK_SKEWED: passing(502, "Set the function host's clock; the cloud found the request stale."),
  CLOUD_REFUSED: lasting(
    502,
    "Look up the upstream code in the cloud's docs; quote the request id when you ask for help.",
  ),
  THROTTLED: passing(503, inTime),
  CLOUD_UNREACHABLE: passing(503, 'Nothing was changed; send the same request again.'),
  DEADLINE_PASSED: passing(503, unsent),
  CANCELLED: passing(503, unsent),
  LEASE_LOST: passing(503, again),
  LEDGER_UNAVAILABLE: passing(503, again),
  CONFIGURATION_DIFFERS: lasting(500, 'Run it with the variables that the functions have.'),
  LEDGER_FENCED: passing(
    503,
    'Nothing is deleted until an operator compares and confirms this ledger: keyvend ledger.',
  ),
  TRAIL_BEHIND: passing(503, 'An operator must see to recovery, which sends the trail on.'),
  TRAIL_CONTRADICTED: lasting(500, 'Have an operator run keyvend audit verify; the trail was tampered with.'),
  STORE_UNAVAILABLE: passing(503, again),
  STORE_REFUSED: lasting(502, 'Check the rights to the secret store, and its key.'),
  SECRET_NOT_OURS: lasting(409, 'Choose another name, or have the owner remove that secret.'),
  VERSION_TAKEN: lasting(409, 'Report this: a version id was used for two keys.'),
  QUEUE_UNAVAILABLE: passing(
    503,
    'A message is tried again automatically; send a request over HTTP again, that is safe.',
  ),
  ISSUER_UNREACHABLE: passing(503, 'Send the same request again.'),
  OVERLOADED: passing(503, inTime),
  KEY_PAIR_RETIRED: lasting(409, 'Restore it, or wait until it is purged; then the name is free.'),
  ROTATION_ABSENT: lasting(404, 'Read the key pair; it lists the rotations that are on record.'),
  ROTATION_IN_PROGRESS: passing(409, 'Cancel the rotation, or wait until it is over.'),
  ROTATION_PROMOTED: lasting(409, 'The new key already counts; rotate again to replace it.'),
  ROTATION_WAITS: passing(
    409,
    'Read the key pair: see to the hosts that earlier rotations wait for, or release what lingers.',
  ),
  COVERAGE_MISSED: passing(
    409,
    'Too few hosts are done. See to the others, or waive them. It is tried again by itself.',
  ),
  HOSTS_TOO_MANY: lasting(422, 'List or find fewer, pin them by fingerprints, or use several key pairs.'),
  HOSTS_OUTSTANDING: passing(
    409,
    'The new key counts; see to the hosts that still know the old one, or waive them. It is tried again by itself.',
  ),
  HOST_UNKNOWN: lasting(404, 'Name a host as the rotation lists it: user@host:port.'),
  POLICY_OUT_OF_BOUNDS: lasting(422, 'Keep to the bounds that are named, or ask an operator to move them.'),
  HOST_FORBIDDEN: lasting(422, 'List a host within the bounds that are named, or ask an operator to allow it.'),
  HOST_UNREACHABLE: passing(503, untouched),
  HOST_KEY_UNKNOWN: lasting(409, "List the host's keys in the policy, or let them be recorded (recordHostKeys)."),
  HOST_KEY_CHANGED: lasting(409, 'Find out why; then give the new host key in the policy.'),
  HOST_BEHIND: passing(409, 'Nothing: an older key is taken off this host first.'),
  HOST_REIMAGED: passing(409, 'If it was installed anew, put the public key there that counts; or waive the host.'),
  LOGIN_REFUSED: passing(
    409,
    'Put the public key on the host, or waive it; its sshd may take no RSA, or none so short.',
  ),
  LOGIN_LIMITED: lasting(
    409,
    'The host has the key and refuses the account: see PermitRootLogin, second factors and expiry there.',
  ),
  HOST_TAKES_NO_RSA: lasting(409, `Let the server there take RSA keys (rsa-sha2-256), which the clouds make${orWaive}`),
  HOST_ALGORITHMS_DIFFER: lasting(409, `Have the server there ${offerOurs}${orWaive}`),
  HOST_COMMAND_FORCED: lasting(409, "Name a management key in the policy: the key's own line does not allow the edit."),
  HOST_SERVER_FORCES: lasting(
    409,
    `No key can edit there: exempt the account from ForceCommand in sshd_config${orWaive}`,
  ),
  HOST_SHELL_UNUSABLE: lasting(409, `Give the account a login shell that runs commands and asks nothing${orWaive}`),
  HOST_SHELL_SILENT: passing(503, 'Find out why the login shell there hangs or asks; it is tried again automatically.'),
  HOST_SESSION_REFUSED: passing(409, `Let the server there open a session for commands (MaxSessions)${orWaive}`),
  HOST_TOOL_MISSING: lasting(409, 'The host needs cat, cp, mv, rm, ls, date, and sha256sum, shasum, openssl or cksum.'),
  JUMP_FORBIDDEN: lasting(422, 'List a jump host within the bounds, or ask an operator to allow it.'),
  JUMP_UNREACHABLE: passing(503, untouched),
  JUMP_KEY_REFUSED: lasting(
    409,
    'Find out why the jump host shows none of the keys that the policy has for it (via.hostKeys).',
  ),
  JUMP_ALGORITHMS_DIFFER: lasting(409, `Have the jump host ${offerOurs}.`),
  JUMP_REFUSED: passing(409, 'List the account on the jump host in this policy, before the hosts behind it.'),
  JUMP_NOT_FORWARDING: lasting(
    409,
    'Let the jump host forward to it: AllowTcpForwarding, PermitOpen, and the options of the key there.',
  ),
  MANAGEMENT_KEY_ABSENT: lasting(409, 'Vend the management key pair, or name another one in the policy.'),
  HOST_NOT_MANAGED: lasting(409, "List the host in the management key pair's own policy, too."),
  HOST_FILE_UNUSABLE: lasting(409, 'Make authorized_keys a file that its owner can replace.'),
  HOST_LINE_ABSENT: lasting(409, 'The key is accepted from another source; change it there, then waive the host.'),
  HOST_FILE_CHANGING: passing(503, 'Others are editing the file; it is tried again automatically.'),
  LOGIN_LOST: passing(409, 'The old key was put back; find out why the new one stopped working.'),
  LISTING_TOO_LONG: lasting(
    422,
    'Narrow it by provider, region, state or name, or leave out the sort: in its own order a list may have any length.',
  ),
  MESSAGE_ABSENT: lasting(404, 'List the messages of the queue; what is done is forgotten after a week.'),
  MESSAGE_NOT_BURIED: lasting(409, 'Nothing: only a message that was buried can be put back.'),
  LISTING_UNSETTLED: passing(503, 'Key pairs were changing while they were read; read again.'),
  OUTCOME_UNKNOWN: passing(503, again),
} satisfies Record<string, Failure>;
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

  /** @param sentence more of what to do, which is known on the way up */
  add(sentence: string): void {
    this.message = `${this.message} ${sentence}`;
  }
}

/** A failure's code; INTERNAL for whatever is not one of ours. */
export const codeOf = (error: unknown): FailureCode => (error instanceof VendingError ? error.code : 'INTERNAL');
