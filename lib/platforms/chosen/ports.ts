import '../checked-configuration.ts';
import type { PlatformPorts } from '../platform.ts';

export const { cloudAccess, publisher, queueActions }: PlatformPorts = await import(
  `../${process.env.KEYVEND_PLATFORM}/ports.ts`
);
