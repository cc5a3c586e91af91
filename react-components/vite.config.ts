// The library: one module an entry, React and the rest left to whoever uses it.
import { defineConfig } from "vite";
import manifest from "./package.json" with { type: "json" };

const outside = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];

export default defineConfig({
  esbuild: { jsx: "automatic" },
  build: {
    target: "es2022",
    minify: false,
    lib: { entry: "src/index.ts", formats: ["es"], cssFileName: "style" },
    rollupOptions: {
      external: (id) => outside.some((name) => id === name || id.startsWith(`${name}/`)),
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
});
