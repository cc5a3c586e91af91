// The viewer in a real browser, with a real server behind it. Run by `make test`, which says which browser and which Python.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["tests/e2e/**/*.test.ts"],
    fileParallelism: false,
    // limits for what never comes, not for what is slow: each holds on a machine that is many times slower than this takes
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
