import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/seed.setup.ts'],
    environment: 'node',
    // The built command is loaded as Node loads it, with its workers beside it.
    server: { deps: { external: [/\/node_modules\//, /\/dist\//] } },
    // Most of the time of a short test file went into loading the same modules again. No module holds state that a test
    // changes (ARCHITECTURE.md), so files may share them.
    isolate: false,
    // Only for what would not end: long enough that no test fails because the machine is busy.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // The usual number leaves a core without work, and many tests wait for a command.
    maxWorkers: '100%',
  },
});
