import { defineConfig } from 'vitest/config'

// Tests run against the built packages wherever they start threads or processes (what ships is what is tested);
// unit tests beside a source import that source.
export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'supervisors/src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
