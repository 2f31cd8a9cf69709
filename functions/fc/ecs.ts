// /v1/ecs/*: vending, and all that is asked of a key pair. The private key never enters a response.
import { answerRequests } from '../../lib/platforms/fc/function.ts';
import { providerRoutes } from '../../lib/platforms/fc/provider-routes.ts';
import { connect } from '../../lib/providers/ecs/connect.ts';
import { connectFleet } from '../../lib/providers/ecs/connect-fleet.ts';

answerRequests(providerRoutes('ecs', connect, connectFleet), { wakes: ['rotationworker'], needs: ['ledger'] });
