// This machine alone, on any port: where tests have their hosts.
import { type HostRules, hostRules } from '../../lib/hosts/host-rules.ts';

export const thisMachine: HostRules = hostRules({ networks: '127.0.0.0/8', names: '', ports: '1-65535' });
