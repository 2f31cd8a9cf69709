// Concurrency: by default nothing of the account's is taken; asked to, every door has a share that no other can use up.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Json, ofType, type Packaged } from './packaged.ts';

/** What Lambda keeps for functions without a share. Source: Lambda Developer Guide, "Configuring reserved concurrency". */
const UNRESERVED = 100;

export const concurrency = (example: Packaged, reserving: Packaged) =>
  describe('concurrency', () => {
    const reserved = ({ template }: Packaged): Record<string, number> =>
      Object.fromEntries(
        Object.entries<Json>(template.Resources)
          .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
          .map(([name, { Properties }]) => [
            name.replace('LambdaFunction', ''),
            Properties.ReservedConcurrentExecutions,
          ]),
      );

    it('is left to the account by default, because a new one may have too little to reserve any', () => {
      expect(Object.values(reserved(example)).filter((share) => share !== undefined)).toEqual([]);
    });

    it('is reserved for every function where that is asked for, as much as the stage says', () => {
      expect(reserved(reserving)).toMatchObject({ EnsHttp: 7, EcsHttp: 7, CvmHttp: 7, Catalog: 10, Lifecycle: 10 });
      for (const [name, share] of Object.entries(reserved(reserving))) expect(share, name).toBeGreaterThan(0);
    });

    it('fits an account of 1000 with its defaults, and leaves more than half of it to others', () => {
      const usual = { ...reserved(reserving), EnsHttp: 20, EcsHttp: 20, CvmHttp: 20 };
      const sum = Object.values(usual).reduce((all, share) => all + share, 0);
      expect(sum + UNRESERVED).toBeLessThan(500);
      const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
      expect(page).toContain(`The sum is ${sum}`);
      expect(page).toContain(`needs a limit of ${sum + UNRESERVED}`);
    });

    it('is for a queue function exactly what its queue may use, so that no message is received in vain', () => {
      const mappings = ofType(reserving, 'AWS::Lambda::EventSourceMapping');
      expect(mappings).toHaveLength(4);
      for (const [, { Properties }] of mappings) {
        const name = Properties.FunctionName['Fn::GetAtt'][0].replace('LambdaFunction', '');
        expect(reserved(reserving)[name], name).toBe(Properties.ScalingConfig.MaximumConcurrency);
      }
    });
  });
