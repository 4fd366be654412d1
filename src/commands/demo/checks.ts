import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { DotvaultError } from "../../errors.ts";
import type { Pair, Simulator } from "../../simulator/simulator.ts";
import type { Io } from "../cli/io.ts";

/** What the demo claims is checked, not just printed: a claim that fails ends it with exit code 1. */
export function checked(io: Io, claim: string, holds: boolean): void {
  if (!holds) throw new DotvaultError("demo.failed", `this did not hold: ${claim}`);
  io.out.write(`  ✓ ${claim}\n`);
}

/** The access token in the rendered file. */
export function tokenIn(file: string): string {
  const { servers } = JSON.parse(readFileSync(file, "utf8")) as { servers: { accessToken: string }[] };
  return servers[0]?.accessToken ?? "";
}

/** The file as a person may see it. */
export function shownFile(file: string): string {
  const text = readFileSync(file, "utf8");
  return text.replace(/("accessToken": ")([^"]{12})[^"]*"/g, '$1$2…"').replace(/^/gm, "    ");
}

/** The one pair that the platform counts as live, by its own ledger. */
export function livePair({ ledger }: Simulator): Pair | undefined {
  const live = ledger.live();
  return live.length === 1 ? live[0] : undefined;
}

export function holdsToken(pair: Pair | undefined, token: string): boolean {
  return pair !== undefined && pair.accessDigest === createHash("sha256").update(token).digest("hex");
}
