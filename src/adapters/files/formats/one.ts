import type { Format, FormatName } from "./format.ts";

const LOADS: Readonly<Record<FormatName, () => Promise<Format>>> = {
  json: async () => (await import("./json/index.ts")).json,
  yaml: async () => (await import("./yaml/index.ts")).yaml,
  text: async () => (await import("./text.ts")).text,
  ini: async () => (await import("./ini/index.ts")).ini,
  netrc: async () => (await import("./netrc/index.ts")).netrc,
  ssh_config: async () => (await import("./ssh-config/index.ts")).sshConfig,
  toml: async () => (await import("./toml/index.ts")).toml,
};

/** The handler of one format, for who answers in a blink: the parsers of the others are not loaded. */
export function loadFormat(name: FormatName): Promise<Format> {
  return LOADS[name]();
}
