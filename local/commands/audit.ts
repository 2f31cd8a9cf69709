import type { Command } from './command.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  words: '',
  group: 'Operations',
  summary: "check that no entry of any key pair's trail was removed, changed or moved",
  details: 'With entries that were kept elsewhere, also that none is missing at the end. Ends with 1 for a fault.',
  options: ['anchors', 'json', 'config'],
  examples: ['audit verify --anchors trail.jsonl'],
  async run(_, { anchors, json = false }) {
    const { verifyAudit } = await import('../print-audit.ts');
    return (await verifyAudit(anchors, json)) ? 0 : 1;
  },
};
