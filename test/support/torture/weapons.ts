import type { Phase, RequestKind } from "../../../src/simulator/simulator.ts";
import type { CrashPoint, CrashWhen } from "../crash-points.ts";
import { between, oneOf, type Random } from "../random.ts";
import { FILES } from "./files.ts";
import { PASSAGES, REQUESTS, type Wish } from "./scenes.ts";

/** When the agent is killed, counted from the wish (or from its start). */
export type Weapon =
  /** At a passage of its own ports. */
  | { readonly kind: "point"; readonly point: CrashPoint; readonly when: CrashWhen; readonly nth: number }
  /** While its request is at the platform. */
  | { readonly kind: "request"; readonly on: RequestKind; readonly phase: Phase }
  /** At any moment. */
  | { readonly kind: "moment"; readonly ms: number };

/** No wish takes longer on a quiet machine. */
const LONGEST_MS = 250;
const START_MS = 700;
const REQUEST_DRAW = 0.2;

export function drawWeapon(random: Random, wish: Wish): Weapon {
  const requests = REQUESTS[wish];
  const draw = wish === "takeover" ? REQUEST_DRAW : random();
  if (draw < 0.15) return { kind: "moment", ms: between(random, 0, LONGEST_MS) };
  if (draw < 0.35 && requests[0] !== undefined) {
    const on = oneOf(random, [requests[0], ...requests.slice(1)]);
    return { kind: "request", on, phase: oneOf(random, ["arrived", "applied", "ended"]) };
  }
  return drawPoint(random, wish);
}

/** Every passage is as likely as any other. */
export function drawPoint(random: Random, wish: Wish): Weapon {
  const passages = (Object.entries(PASSAGES[wish]) as [CrashPoint, number][]).flatMap(([point, times]) =>
    Array.from({ length: times }, (_, index) => ({ point, nth: index + 1 })),
  );
  const { point, nth } = passages[Math.floor(random() * passages.length)] ?? { point: "journal.append", nth: 1 };
  const when = oneOf(random, ["before", "after"] as const);
  return { kind: "point", point, when, nth: point.startsWith("file.") ? nth + between(random, 0, FILES - 1) : nth };
}

/** For a start that has something to take up: at its first steps, or at any moment of it. */
export function drawForStart(random: Random, wish: Wish): Weapon {
  return random() < 0.4 ? { kind: "moment", ms: between(random, 0, START_MS) } : drawPoint(random, wish);
}

/** @param what what passed the point */
export function weaponName(weapon: Weapon, atStart: boolean, what?: string): string {
  const start = atStart ? "starting, " : "";
  switch (weapon.kind) {
    case "point":
      return `${start}${weapon.when} ${weapon.point}${weapon.point === "journal.append" && what ? ` of ${what}` : ""}`;
    case "request":
      return `${start}${weapon.on} request ${weapon.phase} at the platform`;
    case "moment":
      return `${start}at a random moment`;
  }
}
