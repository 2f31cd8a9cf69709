// The runbook: whoever gets an alarm at night finds its section by the link in its description, and the commands there fit what is
// deployed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { logged } from '../../deploy/logged-alarms.ts';
import { RUNBOOK, sectionOf } from '../../deploy/runbook.ts';
import { allFunctions } from '../../deploy/words.ts';
import { isInstalled } from '../moto.ts';
import { all } from './alarm-model.ts';
import { ofType, packaged } from './packaged.ts';

const example = await packaged();
afterAll(() => rmSync(example.folder, { recursive: true, force: true }));

const page = readFileSync(new URL(`../../${RUNBOOK}`, import.meta.url), 'utf8');
const [, runbook = ''] = /^## When an alarm goes up$(.*?)^## /ms.exec(page) ?? [];
const sections = new Map(
  runbook
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [heading = '', ...lines] = text.split('\n');
      return [heading, lines.join('\n')] as const;
    }),
);
const packagedAlarms = ofType(example, 'AWS::CloudWatch::Alarm');
const linkIn = (says: string): string => says.split(' ').at(-1)!;

describe('the runbook', () => {
  it('has a section for each packaged alarm, and the description of the alarm ends with the link to it', () => {
    const kinds = [...sections.keys()];
    const lost = packagedAlarms.filter(([name, { Properties }]) => {
      const kind = kinds.find((one) => name.endsWith(`${one}Alarm`));
      return kind === undefined || linkIn(Properties.AlarmDescription) !== sectionOf(kind);
    });
    expect(lost.map(([name, { Properties }]) => `${name}: ${Properties.AlarmDescription}`)).toEqual([]);
  });

  it('has no section that no alarm leads to', () => {
    const linked = new Set(packagedAlarms.map(([, { Properties }]) => linkIn(Properties.AlarmDescription)));
    expect([...sections.keys()].filter((kind) => !linked.has(sectionOf(kind)))).toEqual([]);
    expect(sections.size).toBe(linked.size);
  });

  it('is linked from descriptions that CloudWatch takes', () => {
    for (const [, { Properties }] of packagedAlarms) expect(Properties.AlarmDescription.length).toBeLessThan(1_024);
  });

  it('says in each section what it means, what to look at, what to do, and when it goes away by itself', () => {
    const wanted = ['**Means:**', '**Look:**', '**Do:**', '**Goes away by itself:**'];
    const lacking = [...sections].flatMap(([kind, text]) =>
      wanted.filter((word) => !text.includes(word)).map((word) => `${kind}: ${word}`),
    );
    expect(lacking).toEqual([]);
  });

  it('is summed up by a table with a row for each section, with a link', () => {
    const [summary = ''] = runbook.split(/^### /m);
    const linked = [...summary.matchAll(/^\| \[`\*?(\w+)`\]\(#(\w+)\) \|/gm)].map(([, kind, anchor]) => [kind, anchor]);
    expect(linked).toEqual([...sections.keys()].map((kind) => [kind, kind.toLowerCase()]));
  });

  it('looks for the very lines that an alarm on the log counts, in the logs of the functions that write them', () => {
    for (const { name, pattern, functions } of logged) {
      const text = sections.get(name) ?? '';
      expect(text, name).toContain(`'${pattern}'`);
      for (const one of functions) expect(text, `${name}: ${one}`).toMatch(new RegExp(`\\b${one}\\b`));
    }
  });

  it('names functions and queues that there are', () => {
    const functions = [...runbook.matchAll(/^(?:logs|function_of) (\w+)/gm)].map(([, name = '']) => name);
    expect(functions.filter((name) => !allFunctions.includes(name))).toEqual([]);
    const made = ofType(example, 'AWS::SQS::Queue').map(([, { Properties }]) => Properties.QueueName);
    const queues = [...runbook.matchAll(/\bkeyvend-\$STAGE-([a-z-]+)"/g)].map(([, name]) => `keyvend-example-${name}`);
    expect(queues.length).toBeGreaterThan(0);
    expect(queues.filter((name) => !made.includes(name))).toEqual([]);
  });

  /** `logs` and the others, without what fetches the environment of deployed functions. */
  const helpers = [...runbook.matchAll(/^```sh\n([\s\S]*?)^```$/gm)][0]?.[1]?.split('# For npx keyvend')[0] ?? '';
  it.skipIf(!isInstalled('jq'))('has commands that a shell understands, and that read the lines of a log', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyvend-runbook-'));
    const line = { message: 'failed', provider: 'ecs', account: 'default', region: 'cn-hangzhou', name: 'web:prod' };
    const more = { code: 'THROTTLED', kind: 'unrecorded', percent: 92, hours: 2, minutes: 61, status: '503' };
    const says: Readonly<Record<string, string>> = {
      aws: `test "$1" = logs && echo '${JSON.stringify({ ...line, ...more })}' || echo x`,
      npx: ':',
      curl: `echo '${JSON.stringify({ keyPairs: [line] })}'`,
    };
    for (const [name, text] of Object.entries(says))
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:${process.env.PATH}`, API: 'https://api.example.com', TOKEN: 'x' };
    for (const [kind, text] of sections) {
      const [, commands = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(text) ?? [];
      const script = `set -o pipefail\n${helpers}\n${commands}`;
      const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-e', '-c', script], { env, encoding: 'utf8' });
      expect({ kind, status, stderr }).toEqual({ kind, status: 0, stderr: '' });
      expect(stdout).not.toBe('');
    }
    rmSync(folder, { recursive: true });
  });

  it('counts the alarms of one kind by the same name as the model of alarms does', () => {
    const names = Object.keys(all).filter((name) => all[name]!.Type === 'AWS::CloudWatch::Alarm');
    expect(packagedAlarms.map(([name]) => name).sort()).toEqual(names.sort());
  });
});
