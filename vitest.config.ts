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
    // Real threads and processes on two busy cores: what fails is tried once more where nobody watches, and said to have
    // been (scripts/report-tests.mjs). A developer sees it fail at once.
    retry: process.env['CI'] === undefined ? 0 : 1,
    hookTimeout: 120_000,
    // `npm run coverage`: the workspaces that decide on authority have no line that no test runs, or nearly none.
    coverage: {
      provider: 'v8',
      include: ['packages/{capability,policy,trust,security-context}/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test.support.ts', '**/index.ts'],
      reporter: ['text-summary', 'text'],
      thresholds: { lines: 95, perFile: false },
    },
  },
})
