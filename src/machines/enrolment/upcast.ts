import { type Upcasters, upcastBy } from "../stream/upcast.ts";
import type { Snapshot } from "./decide.ts";
import { MACHINE_VERSION } from "./machine.ts";

const UPCASTERS: Upcasters<Snapshot> = {
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
  /** 5: enrolments that need nobody, and what the configuration wants a credential to be. */
  4: ({ value, context }) => ({
    value,
    context: { ...context, settings: context.settings && { ...context.settings, unattended: false, terms: null } },
  }),
  /** 6: a secret that is gone is noticed while waiting for a lease, and a row that can't be opened ends its step. */
  5: (snapshot) => snapshot,
  /** 7: another host's secret that appears during a sign-in does not end it. */
  6: (snapshot) => snapshot,
};

/** See {@link upcastBy}. */
export function upcast(snapshot: Snapshot, from: number): Snapshot {
  return upcastBy(UPCASTERS, MACHINE_VERSION, snapshot, from);
}
