// Pairs that a test takes for granted, and what their answers hold.
import { expect } from 'vitest';
import type { Clouds } from '../../../local/clouds/clouds.ts';
import { type Answer, call, createCall, type Fields, type ServiceName } from './raw.ts';

/** Several creates, all of which must succeed. */
export async function created(
  clouds: Clouds,
  service: ServiceName,
  names: readonly string[],
  extra: Fields = {},
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const name of names) {
    const answer = await call(clouds, service, 'CreateKeyPair', { ...createCall(service, name), ...extra });
    expect(answer.code).toBe('');
    answers.push(answer);
  }
  return answers;
}
export const namesOf = ({ body }: Answer): string[] => {
  const list = (body.KeyPairSet ?? (body.KeyPairs as unknown as { KeyPair: unknown })?.KeyPair) as Record<
    string,
    string
  >[];
  return list.map((pair) => pair.KeyPairName ?? pair.KeyName ?? '');
};
export const idOf = ({ body }: Answer): string => (body.KeyPair as unknown as { KeyId: string }).KeyId;
