// `#store/open.ts`, of the store that the environment names: see http.ts.
import '../checked-configuration.ts';
import type { Ports } from '../../vending/ports.ts';
import type { Open } from '../platform.ts';

export const { open }: Open<Ports['store']> = await import(`../../secrets/${process.env.KEYVEND_STORE}/open.ts`);
