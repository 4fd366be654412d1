import { readFileSync } from "node:fs";
import type { Command } from "./cli/io.ts";

/** The version in package.json, which lies beside `src` and beside `dist`. */
export function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** `dotvault version` without anything that it does not need. */
export function printVersion(out: { write(text: string): unknown }): number {
  out.write(`dotvault ${readVersion()}\n`);
  return 0;
}

/** Versions of the program, its machine and its journal's format, and what runs them. */
export async function versionFacts() {
  const [{ MACHINE_VERSION }, { currentFormat }] = await Promise.all([
    import("../machines/enrolment/machine.ts"),
    import("../journal/migrations/list.ts"),
  ]);
  return {
    version: readVersion(),
    machine: MACHINE_VERSION,
    journal: currentFormat,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
}

export const version: Command = async (parsed, io) => {
  if (parsed.flags.json !== true) return printVersion(io.out);
  io.out.write(`${JSON.stringify({ schemaVersion: 1, ...(await versionFacts()) }, null, 2)}\n`);
  return 0;
};
