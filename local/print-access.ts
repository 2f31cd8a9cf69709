// `keyvend access`: checks a document, compiles it for functions, or explains what it says of one request.
import { readFileSync } from 'node:fs';
import type { AccessDocument } from '../lib/access/access-document.ts';
import { explain } from '../lib/access/explain.ts';
import { type Principal, queueSender } from '../lib/access/principal.ts';
import type { Identity } from '../lib/identity.ts';
import { type Right, rights } from '../lib/rights.ts';
import { compiledFile } from './compiled-file.ts';
import { counted } from './counted.ts';
import { fail } from './fail.ts';

export function checkAccess(file: string, json: boolean): void {
  const { compiled, warnings } = compiledFile(file);
  if (json) {
    const { digest, document } = compiled;
    const counts = { issuers: Object.keys(document.issuers).length, grants: document.grants.length };
    process.stdout.write(`${JSON.stringify({ ...counts, sha256: digest, warnings })}\n`);
    return;
  }
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  const { issuers, grants } = compiled.document;
  process.stdout.write(
    `it can be used: ${counted(Object.keys(issuers).length, 'issuer')}, ${counted(grants.length, 'grant')}, sha256 ${compiled.digest}\n`,
  );
}

export const compileAccess = (file: string): void =>
  void process.stdout.write(`${JSON.stringify(compiledFile(file).compiled)}\n`);

/** @returns whether it is allowed */
export function explainAccess(file: string, claimsFile: string, right: string, at: Identity): boolean {
  const { document } = compiledFile(file).compiled;
  if (!(rights as readonly string[]).includes(right)) return fail(`a right is one of ${rights.join(', ')}`, 2);
  const { allowed, text } = explain(document, principalIn(document, claimsFile), right as Right, at);
  process.stdout.write(`${text}\n`);
  return allowed;
}

/** A token's claims, or `{"queue","sender"}`, or `{"awsRole":{"account","role"}}`, or `{"awsUser":{"account","user"}}`. */
function principalIn({ issuers }: AccessDocument, file: string): Principal {
  const said = objectIn(file);
  const { queue, sender, awsRole, awsUser, iss, sub } = said;
  if (typeof queue === 'string') return queueSender(queue, typeof sender === 'string' ? sender : undefined);
  for (const [kind, value] of Object.entries({ role: awsRole, user: awsUser })) {
    const { account, [kind]: name } = (value ?? {}) as Record<string, unknown>;
    if (typeof account === 'string' && typeof name === 'string')
      return { kind: 'aws', id: `aws ${account} ${kind} ${name}`, account, [kind]: name };
  }
  const named = Object.entries(issuers).find(([, { issuer }]) => issuer !== undefined && issuer === iss)?.[0];
  // Whose issuer is in the configuration, and not in the document, has the name `default`.
  const issuer =
    named ?? (issuers.default !== undefined && issuers.default.issuer === undefined ? 'default' : undefined);
  if (issuer === undefined) return fail('the claims are of no issuer that the document names', 2);
  return { kind: 'token', id: `issuer ${issuer}, subject ${String(sub)}`, issuer, claims: said };
}

function objectIn(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // the same as JSON that is no object
  }
  return fail('--as takes a file with the claims of a token as a JSON object', 2);
}
