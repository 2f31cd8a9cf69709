// Variables that the command line reads for itself; no server and no function does.
export const OF_COMMANDS = ['KEYVEND_URL', 'KEYVEND_TOKEN'] as const;
