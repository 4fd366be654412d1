import { firstCountsAgain } from "../blocks/block.ts";
import { structured } from "../structured.ts";
import { meetMachines, netrcEdits, renameMachines } from "./edit.ts";
import { readNetrc } from "./read.ts";

/** `.netrc`: machines with login, password and account. */
export const netrc = structured({
  name: "netrc",
  read: readNetrc,
  edits: netrcEdits,
  meet: meetMachines,
  settle: (root) => renameMachines(firstCountsAgain(root)),
});
