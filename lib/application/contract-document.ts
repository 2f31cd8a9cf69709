// The contract, loaded when somebody asks for it: it would cost every cold start something.
import type { Contract } from '../contract/openapi/document.ts';

export const contractDocument = async (contract: Contract): Promise<object> => {
  const { openApi } = await import('../contract/openapi/document.ts');
  return openApi(contract);
};
