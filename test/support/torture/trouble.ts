import type { Weather } from "../proxy.ts";
import { oneOf, type Random } from "../random.ts";
import type { Wish } from "./scenes.ts";
import type { Stage } from "./stage.ts";

type Effect =
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  | { readonly kind: "cut"; readonly where: "json" };
const FAULTS: readonly [Effect, ...Effect[]] = [
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "cut", where: "json" },
];
const WEATHERS: readonly [Weather, ...Weather[]] = ["pass", "cut", "deaf", 60];

/** What goes wrong beside the kill, from now on; the returned function ends it. */
export function makeTrouble(stage: Stage, random: Random, wish: Wish): () => void {
  if (wish === "outage") return outage(stage);
  return wish === "weather" ? weather(stage, random) : () => {};
}

/** The store goes away as soon as the platform has issued the new pair. */
function outage({ platform, storeDown }: Stage): () => void {
  return platform.onCall(({ kind }, phase) => {
    if ((kind === "refresh" || kind === "mint") && phase === "applied") void storeDown();
  });
}

/** Answers of the platform are lost, and the way to the store is bad. */
function weather({ platform, storm }: Stage, random: Random): () => void {
  const fault = oneOf(random, FAULTS);
  for (const on of ["refresh", "mint"] as const) platform.inject({ ...fault, on });
  const weather = oneOf(random, WEATHERS);
  const lift = platform.onCall(({ kind }, phase) => {
    if ((kind === "refresh" || kind === "mint") && phase === "applied") storm(weather);
  });
  return () => {
    lift();
    platform.clearFaults();
  };
}
