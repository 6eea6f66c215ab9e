import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    // Property tests and the fuzzer run for seconds; a hang is a failure all the same.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
