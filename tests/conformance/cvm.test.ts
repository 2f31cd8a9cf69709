import { describe } from 'vitest';
import { keyPairProviderContract } from './key-pair-provider.ts';
import { localCloud } from './local-clouds.ts';

describe('the CVM adapter', () => keyPairProviderContract(localCloud('cvm')));
