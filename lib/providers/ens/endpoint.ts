/** ENS has one host for all the world. */
export const ENS = 'https://ens.aliyuncs.com';
