// What whoever deploys may have to do: docs/deploy.md has it for each kind of resource.
import { describe, expect, it } from 'vitest';
import { deployersRights, rowsOfDeployer } from './documented.ts';
import type { Packaged } from './packaged.ts';

export const deployer = (...packages: readonly Packaged[]) =>
  describe('the rights of the deployer', () => {
    it('are written down for every kind of resource that is deployed, and for no other', () => {
      const types = packages.flatMap(({ template }) =>
        Object.values(template.Resources).map(({ Type }) => String(Type)),
      );
      expect(rowsOfDeployer().sort()).toEqual([...new Set(types)].sort());
    });

    it('cannot delete what outlives the stack', () => {
      const rights = deployersRights();
      expect(rights.size).toBeGreaterThan(50);
      for (const right of ['dynamodb:DeleteTable', 'kms:ScheduleKeyDeletion', 'secretsmanager:DeleteSecret'])
        expect(rights).not.toContain(right);
    });
  });
