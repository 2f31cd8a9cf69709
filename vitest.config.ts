import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    reporters: ['default', './tests/closing-line.ts'],
    // Two workers: the suites start servers and make RSA keys, and a small machine has two cores.
    maxWorkers: 2,
    // As Node itself imports CommonJS, so that tests load the SDKs the way production does.
    deps: { interopDefault: false },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
