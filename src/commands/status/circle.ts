import { circleSnapshot, type PlatformState } from "../../machines/circle/circle.ts";
import { CIRCLE } from "../../machines/stream/names.ts";
import type { EnrolmentReport, PlatformReport } from "../../terminal/status/report.ts";

/** What is recorded of an enrolment's circle of trust. */
export interface RecordedCircle {
  readonly snapshot: unknown;
}

/** Of all enrolments, by name. */
export function recordedCircles(
  heads: readonly { readonly stream: string; readonly snapshot: unknown }[],
): ReadonlyMap<string, RecordedCircle> {
  const circles = heads.filter(({ stream }) => stream.startsWith(CIRCLE));
  return new Map(circles.map(({ stream, snapshot }) => [stream.slice(CIRCLE.length), { snapshot }]));
}

/**
 * Who accepts the credential, and who vouches for it: pure.
 *
 * @param pair digest of the credential in use; of one before it nothing is said
 */
export function circleReport(
  recorded: RecordedCircle | undefined,
  pair: string | null,
): Pick<EnrolmentReport, "platforms" | "trust"> {
  const { platforms, trust } = circleSnapshot(recorded?.snapshot);
  if (pair === null) return { platforms: [], trust: null };
  return {
    platforms: platforms.map((platform) => platformReport(platform, pair)),
    trust: trust?.pair === pair ? { ...trusted(trust), since: new Date(trust.since) } : null,
  };
}

function trusted({ certificate, reason, message }: NonNullable<ReturnType<typeof circleSnapshot>["trust"]>) {
  return { certificate, reason, message };
}

function platformReport({ url, serverId, verdict, failure }: PlatformState, pair: string): PlatformReport {
  const known = verdict?.pair === pair ? verdict : null;
  return {
    url,
    serverId,
    accepted: known?.accepted ?? null,
    reason: known?.reason ?? null,
    message: known?.message ?? null,
    hint: known?.hint ?? null,
    since: known === null ? null : new Date(known.since),
    failure: failure && { ...failure, since: new Date(failure.since) },
  };
}
