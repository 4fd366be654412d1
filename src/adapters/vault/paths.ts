/** The parts of a KVv2 engine that dotvault speaks to. */
export type KvEndpoint = "data" | "metadata" | "detailed-metadata" | "delete";

export interface KvPath {
  /** For a request: every segment URL-encoded. */
  readonly request: string;
  /** For a person and a policy: as Vault spells it. */
  readonly policy: string;
}

/** Where a user's secrets lie: `{mount}/{endpoint}/{prefix}{user}/{segments}`. */
export interface KvPaths {
  of(endpoint: KvEndpoint, segments: readonly string[]): KvPath;
  /** Anywhere in the mount: `{mount}/data/{segments}`. */
  shared(segments: readonly string[]): KvPath;
  /** `kv/users/alice`, for people. */
  readonly home: string;
}

/** `mount` and `prefix` may have slashes at either end or not; a prefix that is not empty gets exactly one at its end. */
export function kvPaths(mount: string, prefix: string, user: string): KvPaths {
  const engine = split(mount);
  const base = [...split(prefix), user];
  return {
    of: (endpoint, segments) => path([...engine, endpoint, ...base, ...segments]),
    shared: (segments) => path([...engine, "data", ...segments]),
    home: [...engine, ...base].join("/"),
  };
}

function path(whole: readonly string[]): KvPath {
  return { request: whole.map(encodeURIComponent).join("/"), policy: whole.join("/") };
}

function split(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
