import { describe, expect, it } from 'vitest';
import { awsCaller, queueSender } from '../../../lib/access/principal.ts';
import { requestOf } from '../../../lib/platforms/aws/http.ts';

describe('a caller of AWS', () => {
  it.each([
    ['arn:aws:iam::111122223333:user/alice', { account: '111122223333', user: 'alice' }],
    ['arn:aws:iam::111122223333:user/teams/web/alice', { account: '111122223333', user: 'alice' }],
    ['arn:aws-cn:sts::111122223333:assumed-role/deployer/i-0abc', { account: '111122223333', role: 'deployer' }],
    ['arn:aws:sts::111122223333:assumed-role/deployer/admin', { account: '111122223333', role: 'deployer' }],
  ])('of %s is told by role or user, and never by a session that its holder named', (arn, who) => {
    const caller = awsCaller(arn);
    expect(caller).toMatchObject({ kind: 'aws', ...who });
    expect(caller?.id).not.toMatch(/i-0abc|admin/);
  });

  it.each([
    'arn:aws:iam::111122223333:root',
    'arn:aws:sts::111122223333:federated-user/alice',
    'arn:aws:sts::111122223333:assumed-role/deployer',
    'arn:aws:sts::111122223333:assumed-role/a/b/c',
    'arn:aws:iam::1111:user/alice',
    'arn:aws:iam::111122223333:user/',
    'arn:evil:iam::111122223333:user/alice',
    'x arn:aws:iam::111122223333:user/alice',
    'arn:aws:iam::111122223333:user/alice\nadmin',
    '',
  ])('is nobody by %j', (arn) => {
    expect(awsCaller(arn)).toBeUndefined();
  });

  it('is read where each payload format has it', () => {
    const arn = 'arn:aws:iam::111122223333:user/alice';
    const http = { http: { method: 'GET' } };
    expect(
      requestOf({ version: '2.0', requestContext: { ...http, authorizer: { iam: { userArn: arn } } } }, 10).signedBy,
    ).toBe(arn);
    expect(requestOf({ version: '1.0', requestContext: { identity: { userArn: arn } } }, 10).signedBy).toBe(arn);
    for (const userArn of [null, undefined, 5, [arn]])
      expect(requestOf({ version: '1.0', requestContext: { identity: { userArn } } }, 10).signedBy).toBeUndefined();
  });
});

describe("a queue's sender", () => {
  it.each([
    ['AIDAEXAMPLE', 'AIDAEXAMPLE'],
    ['AROAEXAMPLE:keyvend-prod-ensHttp', 'AROAEXAMPLE'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    [':session', 'unknown'],
  ])('of %j is %s', (shown, sender) => {
    expect(queueSender('keyvend-ecs', shown)).toMatchObject({ kind: 'queue', queue: 'keyvend-ecs', sender });
  });
});
