import { REVOCABLE_FROM } from "../../adapters/engines/jfrog/lifetime.ts";
import { readScope } from "../../adapters/engines/jfrog/scope.ts";
import type { JfrogSettings } from "../../adapters/engines/jfrog/settings.ts";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import { openReader } from "../../journal/reader.ts";
import type { Context, Pair } from "../../machines/enrolment/context.ts";
import { streamOf } from "../../machines/stream/names.ts";
import { dotvault } from "../../shell.ts";
import type { Finding } from "../../terminal/doctor.ts";
import { differences } from "../../terminal/status/terms.ts";
import { count, span } from "../../terminal/times.ts";
import { termsReport } from "../status/terms.ts";
import { bad, good, warning } from "./finding.ts";
import { livesOf, median } from "./lives.ts";

/** Of every JFrog enrolment: the life that was asked for, the one that was granted, and how long tokens really were in use. */
export function aboutTokens({ enrolments }: Config, { stateDir }: Paths): Finding[] {
  const reader = readerOf(stateDir);
  if (!reader) return [];
  try {
    const ours = enrolments.filter(({ engine }) => engine === "jfrog");
    return ours.flatMap(({ key, settings }) => aboutOne(key, settings as unknown as JfrogSettings, reader));
  } finally {
    reader.close();
  }
}

/** Undefined for a journal that can't be read, too: that is told by itself. */
function readerOf(directory: string): JournalReader | undefined {
  try {
    return openReader({ directory });
  } catch (error) {
    if (error instanceof DotvaultError) return undefined;
    throw error;
  }
}

/** A longer history tells nothing new. */
const MOST_EVENTS = 5_000;

function aboutOne(name: string, settings: JfrogSettings, reader: JournalReader): Finding[] {
  const stream = streamOf(name);
  const snapshot = reader.head(stream)?.snapshot as { context: Context } | undefined;
  if (!snapshot) return [];
  const newest = [...reader.events({ stream, newestFirst: true, limit: MOST_EVENTS })];
  const { used, cutShort } = livesOf(newest.reverse());
  const pair = snapshot.context.fresh ?? snapshot.context.held ?? snapshot.context.current;
  if (pair) return [...aboutLife(name, settings, pair, used), ...aboutRights(name, snapshot.context)];
  if (!cutShort) return [];
  const of = cutShort.of === null ? "" : ` of ${span(cutShort.of)}`;
  const why = "it was revoked, or the tokens of some user of the same name were deleted, which deletes yours, too";
  return [
    bad("token", name, `JFrog refused it for good after ${span(cutShort.after)}${of}: ${why}`, dotvault("enrol", name)),
  ];
}

function aboutLife(name: string, settings: JfrogSettings, pair: Pair, used: readonly number[]): Finding[] {
  const asked = settings.tokenTtlMs;
  const granted = lifeOf(pair);
  const told = [
    `asked for ${span(asked)}`,
    granted === undefined ? "granted without an end" : `granted ${span(granted)}`,
    usedWords(used),
  ].join(", ");
  if (granted !== undefined && granted < asked - 60_000)
    return [
      warning("token", name, told, `say token_ttl: ${asSetting(granted)}, or have the platform's longest life raised`),
    ];
  // Revocable tokens don't count on other platforms: there it is so on purpose.
  const isTold = settings.forceRevocable !== true && settings.platforms === undefined;
  if (granted !== undefined && granted < REVOCABLE_FROM && isTold)
    return [
      warning("token", name, `${told}; too short to be revoked`, "say force_revocable: true, or a longer token_ttl"),
    ];
  return [good("token", name, told)];
}

function lifeOf({ issuedAt, expiresAt }: Pair): number | undefined {
  return issuedAt === undefined || expiresAt === undefined ? undefined : expiresAt - issuedAt;
}

function usedWords(used: readonly number[]): string {
  const middle = median(used);
  return middle === undefined
    ? "not replaced yet"
    : `in use for ${span(middle)} (${count(used.length, "replaced token")})`;
}

/** As `token_ttl` is written. */
function asSetting(milliseconds: number): string {
  return `${Math.floor(milliseconds / 60_000)}m`;
}

/** Another scope or audience than the configuration asks for; and what a token of groups or of a project is good for. */
function aboutRights(name: string, context: Context): Finding[] {
  const terms = termsReport(context);
  if (!terms) return [];
  const fix = terms.changesWith === "rotation" ? dotvault("refresh", name) : dotvault("enrol", name, "--again");
  const other = differences(terms).map((what) => warning("token", name, what, fix));
  const parts = readScope(terms.granted.scope ?? "").parts;
  return [...other, ...parts.flatMap((part) => explained(part).map((what) => good("token", name, what)))];
}

function explained(part: ReturnType<typeof readScope>["parts"][number]): string[] {
  switch (part.kind) {
    case "groups":
      return [
        `it may do what its groups may (${part.names.join(", ")}), also on a platform that does not know its user: there it is a transient user's`,
      ];
    case "roles":
      return [`it may do what its roles in the project ${part.project} may (${part.names.join(", ")})`];
    case "admin":
      return ["it may do everything: a narrower scope would do for most uses"];
    default:
      return [];
  }
}
