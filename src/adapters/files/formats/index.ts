import type { Format, FormatName } from "./format.ts";
import { ini } from "./ini/index.ts";
import { json } from "./json/index.ts";
import { netrc } from "./netrc/index.ts";
import { sshConfig } from "./ssh-config/index.ts";
import { text } from "./text.ts";
import { toml } from "./toml/index.ts";
import { yaml } from "./yaml/index.ts";

const FORMATS: Readonly<Record<FormatName, Format>> = { json, yaml, text, ini, netrc, ssh_config: sshConfig, toml };

/** The handler of a format. */
export function formatFor(name: FormatName): Format {
  return FORMATS[name];
}

/** Formats whose syntax has a null, so that `delete_nulls` means something. */
export function supportsDeleteNulls(name: FormatName): boolean {
  return name === "json" || name === "yaml";
}
