// What is deployed on Function Compute: a folder of code for each file of functions/fc, and which functions are made of it.

export const codeFolders = [
  'ens',
  'ecs',
  'cvm',
  'catalog',
  'recovery',
  'rotation',
  'intake',
  'worker',
  'sender',
] as const;
export type CodeFolder = (typeof codeFolders)[number];
