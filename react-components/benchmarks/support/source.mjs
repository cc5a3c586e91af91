/** Sources in TypeScript, as modules. */
import { createServer } from "vite";

const server = await createServer({ configFile: false, root: new URL("../..", import.meta.url).pathname, server: { middlewareMode: true, ws: false }, optimizeDeps: { noDiscovery: true }, logLevel: "error" });

/** @param path such as `/src/layout/layout.ts`. */
export const load = (path) => server.ssrLoadModule(path);

/** Without it the process does not end. */
export const close = () => server.close();
