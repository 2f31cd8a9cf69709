// What names no provider in its path: lists, the contract, whether this function answers at all, many policies at once, and requests
// that are vended later.
import { catalog } from '../../lib/application/catalog-endpoint.ts';
import { contractDocument } from '../../lib/application/contract-document.ts';
import { lifecycle } from '../../lib/application/lifecycle-endpoint.ts';
import { requests } from '../../lib/application/requests-endpoint.ts';
import { answerRequests } from '../../lib/platforms/fc/function.ts';
import { inbox } from '../../lib/platforms/fc/inbox.ts';
import { forRotation } from '../../lib/platforms/for-rotation.ts';
import { records } from '../../lib/platforms/records.ts';
import { routed } from '../../lib/platforms/routed.ts';

answerRequests(
  routed({
    catalog: catalog(records, { inbox: true, document: contractDocument }),
    lifecycle: lifecycle({ ...records, ...forRotation }),
    requests: requests(records, inbox),
  }),
  { wakes: ['worker'], needs: ['ledger'] },
);
