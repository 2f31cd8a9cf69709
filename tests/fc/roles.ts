// A role for each function, with the rights of its policy in deploy/policies/ram/fc and no other: whatever a function asks of a cloud of
// Alibaba's beyond that is refused by the local ones, as RAM would. Resources are not looked at, only actions.
import { readFileSync } from 'node:fs';
import type { FcFunctionName } from '../../deploy/fc/functions.ts';
import { policyPath } from '../../deploy/fc/policies.ts';
import type { Credential } from '../../local/clouds/accounts/credentials.ts';
import { ecs } from '../../local/clouds/services/ecs.ts';
import { ens } from '../../local/clouds/services/ens.ts';
import { ess } from '../../local/clouds/services/ess.ts';
import { eventbridge } from '../../local/clouds/services/eventbridge/eventbridge.ts';
import { kms } from '../../local/clouds/services/kms/kms.ts';
import type { RoleKey } from '../../local/fc/fc-call.ts';
import { functionNames } from '../../local/fc/packaged.ts';

const all = Object.entries({ ecs, ens, ess, eventbridge, kms }).flatMap(([service, { actions }]) =>
  [...actions.keys()].map((action) => `${service}:${action}`),
);

function permittedBy(name: FcFunctionName): ReadonlySet<string> {
  const { Statement } = JSON.parse(readFileSync(new URL(`../../${policyPath(name)}`, import.meta.url), 'utf8'));
  return new Set((Statement as readonly { Action: readonly string[] }[]).flatMap(({ Action }) => Action));
}

export const keyOfRole = (name: FcFunctionName): RoleKey => ({
  accessKeyId: `STS.${name}`,
  accessKeySecret: `secret-of-the-role-of-${name}`,
  securityToken: `token-of-${name}`,
});

/** @param account whose roles they are */
export const roleCredentials = (account: string): readonly Credential[] =>
  functionNames.map((name) => {
    const { accessKeyId: keyId, accessKeySecret: secret, securityToken: token = '' } = keyOfRole(name);
    const permitted = permittedBy(name);
    const denied = all.filter((action) => !permitted.has(action));
    return { cloud: 'alibaba', keyId, secret, token, account, active: true, permitted: true, denied };
  });
