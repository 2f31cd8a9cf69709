// `#ledger/open.ts`, of the ledger that the environment names: see http.ts.
import '../checked-configuration.ts';
import type { Ports } from '../../vending/ports.ts';
import type { Open } from '../platform.ts';

export const { open }: Open<Ports['ledger']> = await import(`../../ledger/${process.env.KEYVEND_LEDGER}/open.ts`);
