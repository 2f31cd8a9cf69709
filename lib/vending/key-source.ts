// Where a key pair's key comes from: the cloud, which hands it out once; keyvend, which stores it before the cloud is asked and has its
// public half imported; or whoever asks, who keeps it and names its public half.
/** Who makes the key, where the request names none. */
export const keySources = ['create', 'import'] as const;
export type KeySource = (typeof keySources)[number];

/** Of an RSA key that keyvend makes. Below 2,048, recent distributions refuse it; no page says that the clouds take more than 4,096. */
export const keySizes = [2_048, 3_072, 4_096] as const;
export type KeyBits = (typeof keySizes)[number];
