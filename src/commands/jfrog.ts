import { DotvaultError } from "../errors.ts";
import type { Command } from "./cli/io.ts";

/** What administrators of a JFrog Platform do with dotvault. */
export const jfrog: Command = async ({ positionals: [name = "", ...positionals], flags }, io) => {
  if (name !== "pair") throw new DotvaultError("usage.jfrog", `jfrog: there is no "${name}"`, { hint: "jfrog pair" });
  return (await import("./jfrog/pair.ts")).pair({ positionals, flags }, io);
};
