import { createRequire } from "node:module";

type Undici = typeof import("undici");

const require = createRequire(import.meta.url);

/**
 * The parts of undici that we use, loaded when first needed. The package's index would load fetch, caches and web sockets
 * with them: 55 ms and 8 MB more. The version is pinned in package.json, so these paths don't move by themselves.
 */
export function undiciDirect(): Pick<Undici, "Agent" | "buildConnector"> {
  return {
    Agent: require("undici/lib/dispatcher/agent.js"),
    buildConnector: require("undici/lib/core/connect.js"),
  };
}

/** The whole package: its proxy agent needs `connect`, which only the index puts in place. */
export function undiciProxied(): Pick<Undici, "EnvHttpProxyAgent" | "Pool"> {
  return require("undici");
}
