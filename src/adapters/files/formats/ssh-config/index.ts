import { structured } from "../structured.ts";
import { sshConfigEdits } from "./edit.ts";
import { readSshConfig } from "./read.ts";

/** OpenSSH's client configuration: `Host` and `Match` blocks. */
export const sshConfig = structured({ name: "ssh_config", read: readSshConfig, edits: sshConfigEdits });
