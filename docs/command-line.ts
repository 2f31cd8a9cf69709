// The tables of docs/command-line.md, from the rows of the commands.

import type { PrivateKeyForm } from '../lib/ssh/private-key-forms.ts';
import type { PublicKeyForm } from '../lib/ssh/public-key-forms.ts';
import { groups } from '../local/commands/command.ts';
import { commands } from '../local/commands/table.ts';
import { exitCodes } from '../local/exit-codes.ts';

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

export const commandTable = (): string =>
  groups
    .map((group) => commands.filter((one) => one.group === group))
    .filter((rows) => rows.length > 0)
    .flatMap((rows) => [
      `| ${rows[0]!.group} | |`,
      '|---|---|',
      ...rows.map(
        ({ name, words, shown = words, summary }) => `| \`keyvend ${`${name} ${shown}`.trim()}\` | ${cell(summary)} |`,
      ),
      '',
    ])
    .join('\n')
    .trimEnd();

export const exitCodeTable = (): string =>
  ['| code | meaning |', '|---|---|', ...Object.entries(exitCodes).map(([code, says]) => `| ${code} | ${says} |`)].join(
    '\n',
  );

const privateForms: Readonly<Record<PrivateKeyForm, readonly [what: string, readBy: string]>> = {
  openssh: ["OpenSSH's own; an ed25519 key is stored so", '`ssh`, `ssh-keygen`, `ssh-add`'],
  pem: ['PKCS#1 in PEM, of an RSA key alone; it is stored so', 'OpenSSH, OpenSSL, older libraries'],
  pkcs8: ['PKCS#8 in PEM', '`openssl pkey` and most libraries; OpenSSH, of RSA'],
  ppk: ["PuTTY's file, version 3", '`puttygen`, PuTTY and Pageant, 0.75 and later'],
};

const publicForms: Readonly<Record<PublicKeyForm, readonly [what: string, readBy: string]>> = {
  openssh: ['one line, as in `authorized_keys`', 'OpenSSH, the import calls of clouds'],
  rfc4716: ['SSH2 public key file', '`ssh-keygen -i`, other SSH servers'],
  spki: ['SubjectPublicKeyInfo in PEM', '`openssl pkey -pubin`, most languages'],
  jwk: ['JSON Web Key, RFC 7517', 'JOSE libraries'],
};

export const keyFormTable = (): string =>
  [
    ...['| `keyvend key --format` | what it is | read by |', '|---|---|---|', ...rows(privateForms)],
    '',
    ...['| `keyvend show --public-key --format` | what it is | read by |', '|---|---|---|', ...rows(publicForms)],
  ].join('\n');

const rows = (forms: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries(forms).map(([form, [what, readBy]]) => `| \`${form}\` | ${what} | ${readBy} |`);
