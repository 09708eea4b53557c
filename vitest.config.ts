import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/lab/**'],
    testTimeout: 20_000,
    // Half of the time tests wait, for SSH servers and time limits: two cores are busy with four files at once.
    maxWorkers: Math.max(4, availableParallelism() - 1),
  },
})
