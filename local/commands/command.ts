// What a command is: a row. The program, its help, the manual page and the completion all come from the rows.
import type { PrivateKeyForm } from '../../lib/ssh/private-key-forms.ts';
import type { PublicKeyForm } from '../../lib/ssh/public-key-forms.ts';
import type { options } from './options.ts';

/** The headings under which `keyvend --help` lists commands. */
export const groups = [
  'Key pairs',
  'Rotations',
  'Access',
  'Operations',
  'Servers',
  'Signing in',
  'This command line',
] as const;

/** The states that a rotation can be waited for. */
export const goals = ['promoted', 'old-key-removed', 'purged'] as const;
export type Goal = (typeof goals)[number];

export const sorts = ['name', 'requestedAt', '-requestedAt', 'nextAgeRotationAt'] as const;
export const shells = ['bash', 'zsh', 'fish'] as const;

/** The forms that a key is printed in, private and public. */
export const keyForms = ['openssh', 'pem', 'pkcs8', 'ppk'] as const satisfies readonly PrivateKeyForm[];
export const publicKeyForms = ['openssh', 'rfc4716', 'spki', 'jwk'] as const satisfies readonly PublicKeyForm[];

export type OptionName = keyof typeof options;

/** The options of a line as they were typed; each has the same meaning in every command. */
export interface Given {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly account?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly out?: string;
  readonly agent?: boolean;
  readonly lifetime?: string;
  readonly where?: boolean;
  readonly format?: string;
  readonly publicKey?: boolean;
  readonly id?: string;
  readonly until?: string;
  readonly timeout?: string;
  readonly host?: readonly string[];
  readonly tag?: readonly string[];
  readonly key?: string;
  readonly publicKeyFile?: string;
  readonly keyless?: boolean;
  readonly dryRun?: boolean;
  readonly keySource?: string;
  readonly keyBits?: string;
  readonly ownKey?: string;
  readonly resourceGroup?: string;
  readonly project?: string;
  readonly secretTag?: readonly string[];
  readonly secretKey?: string;
  readonly idempotencyKey?: string;
  readonly name?: string;
  readonly requestedBy?: string;
  readonly sort?: string;
  readonly limit?: string;
  readonly force?: boolean;
  readonly device?: boolean;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly scope?: string;
  readonly resource?: string;
  readonly print?: boolean;
  readonly fix?: boolean;
  readonly queue?: string;
  readonly state?: string;
  readonly as?: string;
  readonly anchors?: string;
}

export interface Command {
  /** `rotation wait` */
  readonly name: string;
  /** `<provider> <name>`: in brackets what may be left out, with dots what may be many. */
  readonly words: string;
  /** What help shows in its place, where that says more. */
  readonly shown?: string;
  readonly group: (typeof groups)[number];
  /** One line, without a full stop. */
  readonly summary: string;
  /** What else there is to know, in sentences. */
  readonly details?: string;
  readonly options: readonly OptionName[];
  /** Without `keyvend` in front. */
  readonly examples: readonly string[];
  /** It goes on until it is told to stop. */
  readonly staysOn?: true;
  /** Loads what it needs. @returns the exit code; 0 where it is undefined */
  readonly run: (words: readonly string[], given: Given) => Promise<number | undefined>;
}

/** Options of commands that call a deployment. */
export const CALL = ['url', 'tokenFile'] as const satisfies readonly OptionName[];

/** Options that say which key pair of a provider is meant. */
export const PLACE = ['region', 'account'] as const satisfies readonly OptionName[];
