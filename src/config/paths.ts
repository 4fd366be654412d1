import { isAbsolute, join } from "node:path/posix";

/** Where things are. All absolute. */
export interface Paths {
  readonly home: string;
  /** The system's configuration: the first of these that exists. */
  readonly systemConfigs: readonly string[];
  readonly userConfig: string;
  /** The journal's directory, and what lies in it. */
  readonly stateDir: string;
  readonly journal: string;
  readonly lock: string;
  readonly socket: string;
  readonly dataDir: string;
  /** The key that seals secrets, where there is no keyring. */
  readonly key: string;
  /** The key that is to take its place, while a change of the key is unfinished. */
  readonly nextKey: string;
  /** The embedded store. */
  readonly store: string;
  /** Vault's token, where a person put it. */
  readonly tokenFile: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The places of one user, by the XDG Base Directory Specification
 * (https://specifications.freedesktop.org/basedir-spec/latest/): unset, empty and relative variables count as unset.
 * `platform` is `process.platform`.
 */
export function paths(env: Environment, platform: NodeJS.Platform, home: string): Paths {
  const stateDir = join(directory(env.XDG_STATE_HOME) ?? join(home, ".local/state"), "dotvault");
  const dataDir = join(directory(env.XDG_DATA_HOME) ?? join(home, ".local/share"), "dotvault");
  return {
    home,
    systemConfigs: systemDirectories(env, platform).map((path) => join(path, "dotvault/config.yaml")),
    userConfig: join(directory(env.XDG_CONFIG_HOME) ?? join(home, ".config"), "dotvault/config.yaml"),
    stateDir,
    journal: join(stateDir, "journal.db"),
    lock: join(stateDir, "lock.db"),
    socket: join(stateDir, "agent.sock"),
    dataDir,
    key: join(dataDir, "journal.key"),
    nextKey: join(dataDir, "journal.key.next"),
    store: join(dataDir, "store.db"),
    tokenFile: join(home, ".dotvault-token"),
  };
}

function systemDirectories(env: Environment, platform: NodeJS.Platform): string[] {
  if (platform === "darwin") return ["/Library/Application Support"];
  const named = (env.XDG_CONFIG_DIRS ?? "").split(":").filter((path) => directory(path) !== undefined);
  return named.length > 0 ? named : ["/etc/xdg"];
}

function directory(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** `~` and `~/…` to the home directory; everything else as it is. */
export function expandHome(path: string, home: string): string {
  if (path === "~") return home;
  return path.startsWith("~/") ? join(home, path.slice(2)) : path;
}
