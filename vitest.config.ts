import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    // Property tests and the fuzzer run for seconds; a hang is a failure all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // The usual number leaves a core without work, and many tests wait for a command.
    maxWorkers: '100%',
  },
});
