import { firstCountsAgain } from "../blocks/block.ts";
import type { Format } from "../format.ts";
import { structured } from "../structured.ts";
import { sshConfigEdits } from "./edit.ts";
import { refuseUnnamedPowers } from "./powers.ts";
import { readSshConfig } from "./read.ts";

const blocks = structured({
  name: "ssh_config",
  read: readSshConfig,
  edits: sshConfigEdits,
  settle: firstCountsAgain,
});

/** OpenSSH's client configuration: `Host` and `Match` blocks. */
export const sshConfig: Format = {
  ...blocks,
  merge(before, rendered, options) {
    const merged = blocks.merge(before, rendered, options);
    if (options.literals !== undefined) refuseUnnamedPowers(rendered, options.literals);
    return merged;
  },
};
