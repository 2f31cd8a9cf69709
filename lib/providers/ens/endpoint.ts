// ENS has one host for the whole world, and key pairs without a region. Its page lists one more, for Singapore
// (ens.ap-southeast-1.aliyuncs.com), and does not say what that is for: whoever wants it configures it.
// Source: "Endpoints" of ENS 2017-11-10.
export const ENS_ORIGIN = 'https://ens.aliyuncs.com';
