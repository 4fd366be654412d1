import { DotvaultError } from "../errors.ts";
import type { Command } from "./cli/io.ts";

/** `token inspect`, `verify`, … : each is loaded when it is called. */
const VERBS: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: async () => (await import("./token/inspect.ts")).inspect,
  verify: async () => (await import("./token/verify.ts")).verify,
  list: async () => (await import("./token/list.ts")).list,
  revoke: async () => (await import("./token/revoke.ts")).revoke,
  print: async () => (await import("./token/print.ts")).print,
  exec: async () => (await import("./token/exec.ts")).exec,
};

export const token: Command = async ({ positionals: [name = "", ...positionals], flags }, io) => {
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!load)
    throw new DotvaultError("usage.token", `token: there is no "${name}"`, {
      hint: `token ${Object.keys(VERBS).join(", ")}`,
    });
  return (await load())({ positionals, flags }, io);
};
