import { defineConfig } from 'vitest/config'

// One file after the other, in name order: the hosts of the lab are shared.
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    fileParallelism: false,
    sequence: { concurrent: false, shuffle: false },
    testTimeout: 900_000,
    hookTimeout: 3_600_000,
    bail: 1,
  },
})
