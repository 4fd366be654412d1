import { hash } from "node:crypto";
import { DotvaultError } from "../errors.ts";
import type { Json } from "./port.ts";

/** A row of an exported history: whatever it holds, and the hash that binds it to all rows before it. */
export type Chained<Row> = Row & { readonly hash: string };

/**
 * Chains exported rows: `hash` = SHA-256 (hex) over the previous row's hash and this row as canonical JSON (members sorted
 * by name). It takes no key to check, and to make anew: it shows a slip or damage, not a forger.
 */
export function chainEvents<Row extends object>(rows: readonly Row[]): Chained<Row>[] {
  let previous = "";
  return rows.map((row) => {
    previous = link(previous, row);
    return { ...row, hash: previous };
  });
}

/** Throws `history.altered` naming the first row (from 1) that was changed, moved, added, or follows a missing one. */
export function verifyChain(rows: readonly Chained<object>[]): void {
  let previous = "";
  for (const [index, { hash: claimed, ...row }] of rows.entries()) {
    previous = link(previous, row);
    if (previous === claimed) continue;
    throw new DotvaultError(
      "history.altered",
      `event ${index + 1} of the history was altered, or one before it is missing`,
      {
        hint: "export it again: dotvault export",
      },
    );
  }
}

function link(previous: string, row: object): string {
  return hash("sha256", `${previous}\n${canonical(row as Json)}`, "hex");
}

/** JSON with members sorted by name and without spaces: one spelling per value, whatever an editor did to its layout. */
export function canonical(value: Json): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
