// The library: one module for each of the sources, React and the rest left to whoever uses it.
import { defineConfig, type Plugin } from "vite";
import manifest from "./package.json" with { type: "json" };

const outside = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];

/** The worker is a module like the others: whoever bundles the library bundles it, too, so no word may tell them to ignore it. */
const workerAsModule: Plugin = { name: "worker-as-module", renderChunk: (code) => code.replaceAll(/\/\* @vite-ignore \*\/\s*/g, "") };

export default defineConfig({
  plugins: [workerAsModule],
  esbuild: { jsx: "automatic" },
  build: {
    target: "es2022",
    minify: false,
    cssCodeSplit: true,
    lib: { entry: ["src/index.ts", "src/layout/worker.ts", "src/style.css"], formats: ["es"] },
    rollupOptions: {
      external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
});
