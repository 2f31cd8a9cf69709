// Settings with which a rotation, and what is left of it, come to their end within seconds and not after 20 minutes. For demos and
// tests, beside clouds that stand in: a real cloud carries out what was signed for longer.
export const shortWindows = {
  KEYVEND_LEASE_MS: '4000',
  KEYVEND_TAKE_OVER_MS: '100',
  KEYVEND_ABSENT_TWICE_MS: '100',
  KEYVEND_ALIBABA_WINDOW_MS: '1000',
  KEYVEND_TENCENT_WINDOW_MS: '1000',
  KEYVEND_HORIZON_MS: '2000',
};
