// How long is waited for a cloud's answer.

/** When a pair is made. */
export const CREATE_TIMEOUT_MS = 10_000;
/** To anything else. */
export const CALL_TIMEOUT_MS = 3_000;
