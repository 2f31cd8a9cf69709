// What EventBridge and SMQ deliver, into the inbox. The worker vends it.
import { takeEvents } from '../../lib/platforms/fc/function.ts';
import { takeIn } from '../../lib/platforms/fc/intake.ts';

takeEvents(takeIn, { wakes: ['worker', 'sender'], needs: ['inbox'] });
