// A key pair as a deployment answers it, as lines for a terminal.
import type { KeyPair } from '../../client/index.ts';
import { counted } from '../counted.ts';
import { moment } from '../moments.ts';
import { pairWords } from '../pair-words.ts';
import { plain } from '../plain.ts';

export function metadataLines(pair: KeyPair, nowMs: number): readonly string[] {
  const when = (at: string) => moment(Date.parse(at), nowMs);
  const { versions, rotations, lingering = [], swept = [], retirement, nextAgeRotationAt, noAgeRotation } = pair;
  const next = nextAgeRotationAt ? when(nextAgeRotationAt) : `none (${noAgeRotation ?? 'not told'})`;
  return [
    `${pair.provider} ${pair.name}, region ${pair.region}, account ${pair.account}: ${pair.state}`,
    `  requested ${when(pair.requestedAt)} by ${plain(pair.requestedBy)}`,
    `  next rotation by age: ${next}`,
    ...Object.entries(pair.secretTags ?? {}).map(
      ([tag, value]) => `  tag of its secret: ${plain(tag)}=${plain(value)}`,
    ),
    ...(pair.secretKey === undefined ? [] : [`  key of its secret: ${plain(pair.secretKey)}`]),
    ...section('versions', versions, (one) => [
      `  ${pairWords(one)}  ${one.fingerprint}  since ${when(one.activatedAt)}${one.current ? ', current' : ''}`,
      `    ${one.keyBits} bits, ${one.secretReference === undefined ? 'stored nowhere here: the private key is its owner’s' : `stored as ${one.secretReference}`}`,
    ]),
    ...section('rotations', rotations, ({ id, state }) => [`  ${id}  ${state}`]),
    ...section('old pairs that linger', lingering, (one) => [
      `  ${pairWords(one)}  since ${when(one.since)}, ${one.code}, next try ${when(one.nextTryAt)}`,
      `    ${counted(one.count, 'instance')}${one.instances.length > 0 ? `: ${one.instances.join(', ')}` : ''}`,
    ]),
    ...section('hosts with lines of old keys', swept, ({ host, outcome, code, returned }) => [
      `  ${host}  ${[outcome, code, returned > 0 && `came back ${counted(returned, 'time')}`].filter(Boolean).join(', ')}`,
    ]),
    ...(retirement
      ? [
          'retirement',
          `  requested ${when(retirement.requestedAt)} by ${plain(retirement.requestedBy)}; purged from ${when(retirement.purgeAt)} on`,
        ]
      : []),
  ];
}

const section = <T>(head: string, rows: readonly T[], lines: (row: T) => readonly string[]): readonly string[] =>
  rows.length === 0 ? [] : [head, ...rows.flatMap(lines)];
