import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const forbid = (...names) => ({
  "no-restricted-imports": ["error", { patterns: names.map(([group, message]) => ({ group, message })) }],
});
const globals = (...names) => Object.fromEntries(names.map((name) => [name, "readonly"]));
const react = [["react", "react-dom", "react/*", "react-dom/*", "@xyflow/*", "@tanstack/*"], "this part knows nothing of React"];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/trace/types.ts"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-eval": "error",
      "no-implied-eval": "off",
    },
  },
  {
    files: ["src/**", "viewer/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "text from a trace is text, never markup" },
        { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]", message: "text from a trace is text, never markup" },
      ],
    },
  },
  { files: ["**/*.mjs", "eslint.config.js"], ...tseslint.configs.disableTypeChecked },
  { files: ["**/*.mjs"], languageOptions: { globals: { process: "readonly", URL: "readonly", console: "readonly", Buffer: "readonly" } } },
  { files: ["benchmarks/**"], languageOptions: { globals: globals("document", "location", "window", "performance", "requestAnimationFrame", "setTimeout", "MessageChannel", "MouseEvent", "PerformanceObserver", "ReadableStreamDefaultReader", "TextDecoder") } }, // parts of them run in a page
  { files: ["**/*.tsx"], rules: { "@typescript-eslint/unbound-method": "off" } }, // props are functions, not methods
  { files: ["**/*.tsx", "src/hooks/**", "src/components/**"], ...hooks.configs.flat.recommended },
  { files: ["src/trace/**"], rules: forbid(react, [["../layout/*", "../hooks/*", "../components/*", "../source/*"], "the trace is the lowest floor"]) },
  { files: ["src/layout/**"], rules: forbid(react, [["../hooks/*", "../components/*"], "the layout is below the components"]) },
  { files: ["viewer/**"], rules: forbid([["../src/*", "../../src/*", "../src/**"], "the viewer uses the public names of llmtaskgraph-react only"]) },
);
