// A request body that any provider takes, for code that shows, measures or tests them all: what its row says a request must
// name.
import { isGlobal, type ProviderName, rowOf } from '../lib/provider-table.ts';

export interface ExampleBody {
  readonly name: string;
  readonly region?: string;
  readonly projectId?: number;
}

/** A region that the local clouds of that provider know. */
export const exampleRegion = (provider: ProviderName): string => {
  if (isGlobal(provider)) return 'global';
  return rowOf(provider).cloud === 'tencent' ? 'ap-tokyo' : 'cn-hangzhou';
};

export const exampleBody = (provider: ProviderName, name: string): ExampleBody => ({
  name,
  ...(!isGlobal(provider) && { region: exampleRegion(provider) }),
  ...(rowOf(provider).fields.projectId === 'required' && { projectId: 0 }),
});
