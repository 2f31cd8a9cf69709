// Every provider keyvend knows. A new one is one file and one row.
import { cvmProvider } from './cvm.ts';
import { ecsProvider } from './ecs.ts';
import { ensProvider } from './ens.ts';

export const providers = { ens: ensProvider, ecs: ecsProvider, cvm: cvmProvider } as const;
