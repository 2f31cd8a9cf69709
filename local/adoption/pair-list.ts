// Which pairs are to be adopted, and where their keys are: a table of CSV, or the state of Terraform.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { ListedPair } from './listed-pair.ts';
import { pairsInState } from './terraform-state.ts';

const columns = ['provider', 'name', 'region', 'account', 'key', 'publicKey'] as const;

/**
 * @param file CSV with a head (`provider,name,region,account,key,publicKey`, in any order; `key` is a file beside the list), or a
 * `terraform.tfstate` of version 4, as `terraform state pull` prints it
 * @param region of pairs that name none: Terraform keeps it with its provider
 * @throws {TypeError} saying what cannot be read, and nothing of what is in it
 */
export function listedPairs(file: string, region: string | undefined): readonly ListedPair[] {
  const text = readFileSync(file, 'utf8');
  const beside = (path: string) => resolve(dirname(file), path);
  const pairs = text.trimStart().startsWith('{') ? pairsInState(text) : pairsInTable(text);
  return pairs.map((pair) => ({
    ...pair,
    ...(pair.region === undefined && region !== undefined && pair.provider !== 'ens' && { region }),
    ...(pair.keyFile !== undefined && { keyFile: beside(pair.keyFile) }),
  }));
}

function pairsInTable(text: string): readonly ListedPair[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(text, { columns: true, trim: true, bom: true, skip_empty_lines: true });
  } catch {
    throw new TypeError('the list is neither CSV nor a state of Terraform that can be read');
  }
  const unknown = Object.keys(rows[0] ?? {}).filter((one) => !(columns as readonly string[]).includes(one));
  if (unknown.length > 0 || rows.some(({ provider, name }) => !provider || !name))
    throw new TypeError(`the list has the columns ${columns.join(', ')}; provider and name are in every row`);
  return rows.map(({ provider = '', name = '', region, account, key, publicKey }) => ({
    ...{ provider, name },
    ...(region && { region }),
    ...(account && { account }),
    ...(key && { keyFile: key }),
    ...(publicKey && { publicKey }),
  }));
}
