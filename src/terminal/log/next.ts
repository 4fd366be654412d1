import { clock, span } from "../times.ts";
import type { AskedStep, Entry } from "./entry.ts";

/** What an event set going, in words: the steps that it asked for, and the timers. */
export function setGoing({ asked, timers, at }: Pick<Entry, "asked" | "timers" | "at">): string[] {
  if (asked.length === 0 && timers.length === 0) return [];
  const steps = asked.filter(({ kind }) => !QUIET.includes(kind)).map(stepWords);
  const waits = timers.flatMap(({ name, at: due }) => timerWords(name, due, at));
  return [...new Set([...steps, ...waits])];
}

/** Their outcomes say enough. */
const QUIET = ["release", "notify"];

const STEPS: Readonly<Record<string, string>> = {
  read: "asking the store",
  openSession: "registering the login",
  poll: "waiting for the person",
  mint: "asking for a token of our own",
  claim: "claiming the lease",
  refresh: "presenting the pair",
  probe: "asking whether the access token lives",
  store: "storing it",
  remove: "removing it from the store",
  sync: "writing the files",
  revoke: "revoking the old token",
  sweep: "looking for leftovers at the service",
  tryPlatform: "showing it to the other platforms",
  revokeToken: "revoking it",
  login: "logging in to Vault",
  renew: "asking for more time",
  lookup: "asking Vault about it",
  giveBack: "giving the token back",
};

function stepWords({ kind, about, once, after }: AskedStep): string {
  const wait = after > 0 ? ` in ${span(after)}` : "";
  const words = kind === "revoke" && about === "bootstrap" ? "revoking the bootstrap token" : STEPS[kind];
  return `${words ?? kind}${wait}${once ? " (once)" : ""}`;
}

function timerWords(name: string, due: Date, now: Date): string[] {
  switch (name) {
    case "rotate":
      return [`next rotation ${clock(due, now)}`];
    case "renew":
      return [`more time is asked for ${clock(due, now)}`];
    case "end":
      return [`it ends ${clock(due, now)}`];
    case "again":
      return [`again in ${span(due.getTime() - now.getTime())}`];
    case "ask":
      return [`the person is asked ${clock(due, now)}`];
    case "retry":
      return [`again in ${span(due.getTime() - now.getTime())}`];
    default:
      return [];
  }
}
