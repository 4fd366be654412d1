import type { JsonSchema, Setting } from "../setting-kinds.ts";
import type { ParseDuration, Report } from "../settings.ts";
import type { Asks } from "./asks.ts";

const minute = 60_000;
const hour = 60 * minute;
const shortest = 10 * minute;
const usual = 60 * 24 * hour;
/** Longer lives don't fit 32-bit seconds. */
const longest = (2 ** 31 - 1) * 1000;

/**
 * JFrog's own thresholds, unless its administrators have set others
 * (https://jfrog.com/help/r/jfrog-platform-administration-documentation/use-the-expiry-threshold).
 */
export const STORED_FROM = 3 * hour;
export const REVOCABLE_FROM = 6 * hour;

/** The life to ask for, milliseconds. `written`: what a duration looks like. */
export function ttl(parseDuration: ParseDuration, written: JsonSchema): Setting<number> {
  return {
    schema: { description: "The life to ask for: at least 10m.", type: "string", default: "60d", ...written },
    read(value, name, report) {
      if (value === undefined) return usual;
      const read = typeof value === "string" ? parseDuration(value) : { ok: false as const, what: "not a duration" };
      const wrong = (what: string, hint?: string) => void report([name], what, { hint });
      if (!read.ok) wrong(`token_ttl: ${read.what}`, read.hint ?? "say token_ttl: 60d, or 24h, or 90m");
      else if (read.value < shortest) wrong("token_ttl must be at least 10m");
      else if (read.value > longest) wrong("token_ttl must be at most 24855d");
      else return read.value;
      return undefined;
    },
  };
}

/** What a short life makes pointless. `rotation`: how the pair is renewed. */
export function warnAboutTtl(ttl: number, asks: Asks, rotation: "refresh" | "remint", report: Report): void {
  if (ttl >= REVOCABLE_FROM && asks.forceRevocable === true)
    report(["force_revocable"], "force_revocable has no use: a token of 6h or more is revocable by itself", {
      isWarning: true,
    });
  if (ttl >= REVOCABLE_FROM || asks.forceRevocable === true) return;
  const hint = "say force_revocable: true, or a longer token_ttl";
  const pointless = pointlessFor(ttl, asks, rotation);
  const also = pointless.length > 0 ? `, so ${pointless.join(" and ")}` : "";
  const what =
    ttl < STORED_FROM
      ? `token_ttl below 3h: JFrog neither keeps such a token in its list nor revokes it${also}`
      : `token_ttl below 6h: JFrog does not revoke such a token${also}`;
  report(["token_ttl"], what, { hint, isWarning: true });
}

function pointlessFor(ttl: number, { description, referenceToken }: Asks, rotation: "refresh" | "remint"): string[] {
  const isKept = ttl >= STORED_FROM;
  return [
    ...(rotation === "remint" ? ["with rotation: remint the old token lives on to its end"] : []),
    ...(!isKept && description !== undefined ? ["nobody can look it up by its description"] : []),
    ...(!isKept && referenceToken === true ? ["a reference token may lead to nothing"] : []),
  ];
}
