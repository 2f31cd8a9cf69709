// What comparing a ledger, a cloud and a secret store finds of one name: one word each, what it means, and what `--fix` does about it.

interface Row {
  /** Of the name: `web` is …. */
  readonly is: string;
  /** What `fix` does; absent where there is nothing to do. */
  readonly fix?: string;
  /** Whether somebody has to look at it. */
  readonly doubtful?: true;
}

const left = 'leaves it: a person must decide';

const rows = {
  matched: { is: 'as it should be: ledger, cloud and store agree' },
  'in-progress': {
    is: 'being worked on: an attempt is open, or has just been closed',
    fix: 'settles it, if it is due',
  },
  'upstream-only': {
    is: "a pair of keyvend's whose key is not stored",
    fix: 'removes it, if no request was ever answered with it; else brings its key back, if that was deleted and the store still has it, or leaves it',
    doubtful: true,
  },
  'secret-only': {
    is: "a stored key of keyvend's whose pair is not there",
    fix: 'removes it (recoverably), if no request was ever answered with it; else leaves it',
    doubtful: true,
  },
  unacknowledged: {
    is: "a pair of keyvend's whose key is stored, and no request was ever answered with it",
    fix: "makes it count, if the key proves to be the pair's; else removes both",
    doubtful: true,
  },
  'stray-key': {
    is: 'a key pair in order, with one more key in its secret that counts for nothing',
    fix: 'removes that key (recoverably)',
    doubtful: true,
  },
  'ledger-only': {
    is: 'acknowledged, and neither pair nor key is there: somebody deleted them',
    fix: 'brings its key back, if the store still has it; vend another name',
    doubtful: true,
  },
  'fingerprint-mismatch': {
    is: 'a pair that is not the one whose key is stored: somebody replaced it',
    fix: left,
    doubtful: true,
  },
  unrecorded: {
    is: "a pair with this deployment's tag, or a stored key, that nothing on file explains: the ledger was lost or put back",
    fix: 'never touches it',
    doubtful: true,
  },
  foreign: { is: "not provably keyvend's", fix: 'never touches it' },
} as const satisfies Readonly<Record<string, Row>>;

export type Kind = keyof typeof rows;
export const kinds = Object.keys(rows) as readonly Kind[];
export const findingRows: Readonly<Record<Kind, Row>> = rows;
export const isDoubtful = (kind: Kind): boolean => findingRows[kind].doubtful === true;

export interface Finding {
  readonly name: string;
  readonly kind: Kind;
  readonly keyPairId?: string;
  /** With `fix`: `waiting` comes due once more, because absence must be seen twice; `left` needs a person to decide. */
  readonly fixed?: 'settled' | 'waiting' | 'left';
}
