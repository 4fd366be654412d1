type Environment = Readonly<Record<string, string | undefined>>;

/** What dotvault reads from a shell's environment, and a service manager does not hand on. */
const NAMES = [
  "XDG_CONFIG_HOME",
  "XDG_CONFIG_DIRS",
  "XDG_STATE_HOME",
  "XDG_DATA_HOME",
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "no_proxy",
  "NODE_EXTRA_CA_CERTS",
];

/** The variables that a unit may hold, and the names of those that it may not: a unit's file can be read by others. */
export interface HandedOn {
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly kept: readonly string[];
}

export function handedOn(env: Environment): HandedOn {
  const set = NAMES.flatMap((name) => {
    const value = env[name];
    return value ? [[name, value] as const] : [];
  });
  const isFit = ([, value]: readonly [string, string]) => !holdsPassword(value) && !/[\r\n]/.test(value);
  const kept = set.filter((entry) => !isFit(entry)).map(([name]) => name);
  return { env: set.filter(isFit), kept: env.DOTVAULT_TOKEN ? [...kept, "DOTVAULT_TOKEN"] : kept };
}

function holdsPassword(value: string): boolean {
  return /^[^/]*:\/\/[^/]*@|^[^/]*:[^/]*@/.test(value);
}
