// GET: what was vended, as metadata; the contract; and whether this function answers at all. POST /v1/requests, which are vended later.
import { catalog } from '../../lib/application/catalog-endpoint.ts';
import { requests } from '../../lib/application/requests-endpoint.ts';
import { answerRequests } from '../../lib/platforms/fc/function.ts';
import { inbox } from '../../lib/platforms/fc/inbox.ts';
import { records } from '../../lib/platforms/records.ts';
import { routed } from '../../lib/platforms/routed.ts';

answerRequests(routed({ catalog: catalog(records, { inbox: true }), requests: requests(records, inbox) }), {
  wakes: ['worker'],
  needs: ['ledger'],
});
