import { DotvaultError } from "../../errors.ts";
import type { Snapshot } from "./decide.ts";
import { MACHINE_VERSION } from "./machine.ts";

/** Takes a snapshot one machine version further; keyed by the version it comes from. */
const UPCASTERS: Readonly<Record<number, (snapshot: Snapshot) => Snapshot>> = {
  /** 2: `rotation`, and mints that were given up are remembered. */
  1: ({ value, context }) => ({
    value,
    context: {
      ...context,
      settings: context.settings && { ...context.settings, rotation: "refresh" },
      orphans: [],
    },
  }),
  /** 3: who writes the secret without the lease is remembered. */
  2: ({ value, context }) => ({
    value,
    context: { ...context, lease: context.lease && { ...context.lease, before: null }, stranger: null },
  }),
  /** 4: what the person was told, and rotations without an answer are remembered. */
  3: ({ value, context }) => ({ value, context: { ...context, told: null, unanswered: null } }),
};

/**
 * A snapshot of an older machine, as today's machine wants it. Throws `machine.newer` for one that a newer dotvault wrote,
 * `machine.unknown` when there is no way from there to here.
 */
export function upcast(snapshot: Snapshot, from: number): Snapshot {
  if (from > MACHINE_VERSION) {
    throw new DotvaultError("machine.newer", `the journal was written by a newer dotvault (machine ${from})`, {
      hint: `this one knows machines up to ${MACHINE_VERSION}: install the newer dotvault again`,
    });
  }
  let current = snapshot;
  for (let version = from; version < MACHINE_VERSION; version++) {
    const next = UPCASTERS[version];
    if (!next) throw new DotvaultError("machine.unknown", `no way from machine ${version} to ${MACHINE_VERSION}`);
    current = next(current);
  }
  return current;
}
