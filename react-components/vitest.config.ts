import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { jsx: "automatic" },
  test: { environment: "node", include: ["tests/**/*.test.{ts,tsx}"], exclude: ["tests/e2e/**"], testTimeout: 60_000, hookTimeout: 300_000 },
});
