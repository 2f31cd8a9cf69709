// What runs on a host: POSIX sh, for dash, bash, ksh and busybox alike.
//
// Each script is one word in single quotes to whatever shell the account has. So it has no single quote in it, and no
// line feed, backslash or exclamation mark: csh reads those even inside quotes. Parameters are hex digits and numbers.
// Every line of an answer begins with a number of ours, and nowhere in the command does that number come before the
// answer's words: some forced commands print the command that they refuse.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's own
import type { DigestKind } from './digest.ts';

/** What an answer begins with: 32 hex digits, never used twice. */
export type Mark = string;

/** Says which kind of digest the host can make. The file is opened once, so what is read was there at one moment. */
export const readScript = (mark: Mark): string =>
  command([
    ...opening(mark),
    // What is installed may not run: shasum is a script in Perl. The digest is that of nothing.
    'k=sha256; case $(sum /dev/null) in e3b0c442*) ;; *) k=cksum;; esac;',
    digesting,
    'say read $k; cat "$g" && echo && say end',
  ]);

export interface Replacement {
  readonly kind: DigestKind;
  /** Digests without their kind, of the file as it should be now and of what comes on stdin. */
  readonly expected: string;
  readonly coming: string;
  /** An edit that gets no further within this time, by the host's own clock, is not done any more. */
  readonly withinSeconds: number;
}

/** Reads the new content from stdin. */
export const replaceScript = (mark: Mark, { kind, expected, coming, withinSeconds }: Replacement): string =>
  command([
    ...opening(mark),
    `need ${neededTools.join(' ')};`,
    `k=${kind}; e=${expected}; w=${coming}; s=$(date +%s);`,
    digesting,
    ...receiving,
    ...locking,
    `[ $(($(date +%s) - s)) -le ${withinSeconds} ] || { say late; exit; };`,
    ...replacing,
  ]);

/** Without one of these an edit would fail half-way, and it would look like something else. */
export const neededTools = ['cat', 'cp', 'mv', 'rm', 'ls', 'date'] as const;

const digesting = 'case $(sum /dev/null) in [0-9a-f]*) ;; *) no tool digest;; esac;';

const command = (lines: readonly string[]): string => `sh -c '${lines.join(' ')}'`;

/** A link is followed by hand: not every system has `readlink -f`. `$g` is what to read: the file, or nothing for no file. */
const opening = (mark: Mark): string[] => [
  `exec 2>/dev/null; umask 077; LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/local/bin:/usr/bin:/bin; n=${mark};`,
  'say() { echo "$n $*"; }; no() { say unusable $*; exit; }; say begun;',
  'need() { for x; do command -v $x >/dev/null || no tool $x; done; };',
  // Each prints the digest and perhaps a name after it; openssl prints a name in front.
  'sum() { if [ $k = cksum ]; then set -- $(cksum <"$1"); echo $1-$2;',
  'elif command -v sha256sum >/dev/null; then set -- $(sha256sum <"$1"); echo $1;',
  'elif command -v shasum >/dev/null; then set -- $(shasum -a 256 <"$1"); echo $1;',
  'else set -- "$(openssl dgst -sha256 <"$1")"; echo ${1##* }; fi; };',
  '[ -n "$HOME" ] || no home; f=$HOME/.ssh/authorized_keys; i=0;',
  'while [ -L "$f" ]; do i=$((i + 1)); [ $i -lt 33 ] || no link; need readlink; l=$(readlink "$f") || no link;',
  'case $l in /*) f=$l;; *) f=${f%/*}/$l;; esac; done;',
  'look() { g=/dev/null; if [ -e "$f" ]; then [ -f "$f" ] || no kind; [ -r "$f" ] || no read; g=$f; fi; }; look;',
];

/** All of the input first: a connection that drops leaves a part of it, whose digest differs, and the file is not touched. */
const receiving: readonly string[] = [
  'd=${f%/*}; t=$d/.keyvend.$n; m=$d/.keyvend.lock; o=;',
  'bye() { rm -f "$t.new" "$t.put" "$t.was"; [ -z "$o" ] || rmdir "$m"; };',
  'trap "exit 1" 1 2 13 15; trap bye 0;',
  '[ -d "$d" ] && [ -w "$d" ] && [ -x "$d" ] || no directory;',
  '( set -C; cat >"$t.new" ) || no space; [ "$(sum "$t.new")" = $w ] || { say incomplete; exit; };',
];

/**
 * The directory is locked, not the file, which is another one after each edit. flock(1) exits with 1 for a lock that stays
 * taken and with something else where the file system has no locks; then, and without flock, a directory is the lock. It counts
 * as left behind after five minutes: an edit holds it for less than a second. `$m.old` lets only one edit clear it away.
 */
const locking: readonly string[] = [
  'l=2; if command -v flock >/dev/null && [ -r "$d" ]; then exec 9<"$d";',
  // Busybox's flock cannot wait.
  'flock -n 9 || flock -w 10 9 || { sleep 1; flock -n 9; }; l=$?; fi;',
  '[ $l -ge 2 ] || [ $l = 0 ] || { say busy; exit; };',
  'old() { [ -n "$(find "$1" -prune -mmin +5)" ]; }; i=0;',
  'if [ $l -ge 2 ]; then need mkdir rmdir sleep; until mkdir "$m"; do i=$((i + 1)); [ $i -lt 12 ] || { say busy; exit; };',
  'if old "$m.old"; then rmdir "$m.old"; fi;',
  'if old "$m" && mkdir "$m.old"; then if old "$m"; then rmdir "$m"; fi; rmdir "$m.old"; else sleep 1; fi;',
  'done; o=1; fi;',
  // Leftovers of edits that were killed. Nobody else is editing now.
  'for x in "$d"/.keyvend.*.new "$d"/.keyvend.*.put "$d"/.keyvend.*.was; do',
  'if [ -e "$x" ] && old "$x"; then rm -f "$x"; fi; done;',
];

/**
 * `cp -p` is what every system offers to give a file another one's owner, group and mode (GNU's copies ACLs with it, others may
 * not, and none is compared); whether that worked is checked afterwards. Extended attributes of users (`user.*`) come along where
 * cp can copy them, or the tools of attr(5) are there; nothing else depends on them, so none is compared either. The copy gets the new content, on the disk before the
 * rename: otherwise a power cut could leave an empty file, and nobody could log in. `$t.was` is a second name of the file that
 * was replaced: if somebody appended to it meanwhile without the lock, that is found there, and the file is put back.
 */
const replacing: readonly string[] = [
  'look; [ "$(sum "$g")" = $e ] || { say changed; exit; };',
  'who() { set -- $(ls -ldn "$1"); echo ${1%[.+@]} $3 $4; };',
  'attributes() { getfattr -d -e hex -m "^user[.]" "$f" | while IFS= read -r x; do',
  'case $x in user.*=0x*) setfattr -n "${x%%=*}" -v "${x#*=}" "$t.put";; esac; done; };',
  'if [ "$g" = "$f" ]; then case $(who "$f") in -?w*) ;; *) no mode;; esac;',
  'ln "$f" "$t.was"; cp -p --preserve=xattr "$f" "$t.put" || { cp -p "$f" "$t.put" || no space; attributes; }; chcon --reference="$f" "$t.put"; fi;',
  'dd if="$t.new" of="$t.put" conv=fsync || cat "$t.new" >"$t.put" || no space;',
  '[ "$(sum "$t.put")" = $w ] || no space;',
  '[ "$g" = /dev/null ] || [ "$(who "$f")" = "$(who "$t.put")" ] || no owner;',
  'look; [ "$(sum "$g")" = $e ] || { say changed; exit; };',
  'mv -f "$t.put" "$f" || no rename;',
  'if [ -e "$t.was" ]; then [ "$(sum "$t.was")" = $e ] || { mv -f "$t.was" "$f"; say changed; exit; }; fi;',
  'say replaced',
];
