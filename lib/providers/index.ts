// Every provider keyvend knows. A new one is one file and one row.
import { cvmProvider } from './cvm/adapter.ts';
import { ecsProvider } from './ecs/adapter.ts';
import { ensProvider } from './ens/adapter.ts';

export const providers = { ens: ensProvider, ecs: ecsProvider, cvm: cvmProvider } as const;
