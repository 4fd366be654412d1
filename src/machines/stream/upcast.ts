import { DotvaultError } from "../../errors.ts";
import type { AnySnapshot } from "./decide.ts";

/** Takes a snapshot one machine version further; keyed by the version it comes from. */
export type Upcasters<S> = Readonly<Record<number, (snapshot: S) => S>>;

/**
 * A snapshot of an older machine, as today's machine wants it. Throws `machine.newer` for one that a newer dotvault wrote,
 * `machine.unknown` when there is no way from there to here.
 *
 * @param version today's
 */
export function upcastBy<S extends AnySnapshot>(
  upcasters: Upcasters<S>,
  version: number,
  snapshot: S,
  from: number,
): S {
  if (from > version) {
    throw new DotvaultError("machine.newer", `the journal was written by a newer dotvault (machine ${from})`, {
      hint: `this one knows machines up to ${version}: install the newer dotvault again`,
    });
  }
  let current = snapshot;
  for (let older = from; older < version; older++) {
    const next = upcasters[older];
    if (!next) throw new DotvaultError("machine.unknown", `no way from machine ${older} to ${version}`);
    current = next(current);
  }
  return current;
}
