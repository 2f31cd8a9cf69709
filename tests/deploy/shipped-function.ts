// A function as it was packaged, started in a process of its own with the environment of its deployment, as Lambda would.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipped } from './zip.ts';

const run = promisify(execFile);
const END = '--- answer ';
const script = `
const [module, exported, event] = process.argv.slice(1);
const context = { awsRequestId: 'test', functionName: 'test', getRemainingTimeInMillis: () => 60_000 };
require(module)[exported](JSON.parse(event), context).then(
  (answer) => process.stdout.write('${END}' + JSON.stringify({ answer }), () => process.exit()),
  (error) => process.stdout.write('${END}' + JSON.stringify({ failed: error.code ?? error.message }), () => process.exit()),
);`;

export interface Shipped {
  /** Of `npm run package`. */
  readonly folder: string;
  /** As serverless.yml calls it. */
  readonly name: string;
  /** `functions/ecs.http` */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws {Error} with the code of what the function threw */
export async function invoke({ folder, name, handler, environment }: Shipped, event: object): Promise<unknown> {
  // Below no package.json of ours, which says that a module is of another kind.
  const root = mkdtempSync(join(tmpdir(), 'keyvend-task-'));
  try {
    for (const [file, bytes] of unzipped(readFileSync(join(folder, `${name}.zip`)))) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), bytes);
    }
    const [module = '', exported = ''] = handler.split('.');
    const args = ['-e', script, `./${module}.js`, exported, JSON.stringify(event)];
    const { stdout } = await run(process.execPath, args, { cwd: root, env: environment });
    const said = JSON.parse(stdout.slice(stdout.lastIndexOf(END) + END.length)) as {
      answer?: unknown;
      failed?: string;
    };
    if (said.failed !== undefined) throw new Error(said.failed);
    return said.answer;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
