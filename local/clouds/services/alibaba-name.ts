// The name rule that ENS and ECS share. Source: CreateKeyPair of both, "KeyPairName".

/** 2 to 128 characters, a letter first, then letters, digits, `:` `_` `-`; neither `http://` nor `https://` in front. */
export const isAlibabaName = (name: string): boolean => /^(?!https?:\/\/)[A-Za-z][A-Za-z0-9:_-]{1,127}$/.test(name);
