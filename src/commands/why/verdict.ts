import { harmless } from "../../terminal/style.ts";
import { moment } from "../../terminal/times.ts";
import type { Because } from "../../terminal/why/because.ts";
import type { KnownToken, Verdict } from "../../terminal/why/report.ts";
import { isRewritten, ofOthers } from "./by-others.ts";
import { notUs, RUN_STATUS, RUN_SYNC, us, verdict } from "./conclusion.ts";
import { ends, type Found, isChanged, isOlder, since, whenWritten } from "./found.ts";

export type { Found };

/** Whose doing it is that the file is as it is. Pure; the first that holds. */
export function judge(looked: Found): Verdict {
  const found = withUnrecorded(looked);
  return ofOthers(found) ?? ofWriting(found) ?? ofCredential(found) ?? ofDoubt(found) ?? wellDone(found);
}

/** The live token stands there, and no write of it is on record: the agent was killed right after, or somebody has put it there. */
function withUnrecorded(found: Found): Found {
  const { values, strays, current, secret } = found;
  const changed = values.filter(isChanged);
  const tokens = changed.length > 0 ? changed.map(({ token }) => token) : strays;
  const isLive = (token: KnownToken | null) => token?.standing === "in-use" && token.enrolment === secret;
  if (tokens.length === 0 || !tokens.every(isLive)) return found;
  const asOurs = values.map((value) => (isChanged(value) ? { ...value, state: "ours" as const } : value));
  return { ...found, values: asOurs, pair: current, expiresAt: null, isUnrecorded: true };
}

/** It was never written, or not any more. */
function ofWriting(found: Found): Verdict | undefined {
  const { known, now, because } = found;
  const { failure } = known;
  // What somebody had made of the file is mended.
  const isOver = failure !== null && isRewritten(failure);
  if (failure !== null && !isOver) {
    const at = since(failure.since, now);
    const newer = isOlder(found) ? ", so the newest token is not in it" : "";
    const text = `the file could not be written${at}${newer}: ${harmless(failure.message)}`;
    return us("not-written", text, { code: failure.code, text: "", hint: failure.hint, run: "dotvault sync" });
  }
  if (known.value === "cleaned")
    return us("cleaned", `what dotvault wrote was taken out again${ends(because)}`, because);
  if (known.writtenAt === null && known.keys.length === 0 && !found.isUnrecorded)
    return us("never-written", `nothing was ever written here${ends(because)}`, because ?? RUN_STATUS);
  if (known.value !== "missing") return undefined;
  const text = `the secret ${harmless(known.secret ?? "")} is gone from the store${since(known.missingSince, now)}; the file holds the last one`;
  return us("secret-gone", text, because);
}

/** The credential in it is not, or not any more, the one that should be. */
function ofCredential(found: Found): Verdict | undefined {
  const { pair, current, ofEnrolment, expiresAt, because, now } = found;
  if (!ofEnrolment || pair === null) return undefined;
  const wrote = whenWritten(found);
  if (current === null) return us("ended", `the token in the file, written ${wrote}, is over${ends(because)}`, because);
  if (isOlder(found)) {
    const why = because === null ? "" : `, and it is not in the file yet${ends(because)}`;
    return us("older-pair", `there is a newer token than the one written ${wrote}${why}`, because ?? RUN_SYNC);
  }
  if (expiresAt !== null && expiresAt <= now) {
    const when = moment(new Date(expiresAt), new Date(now));
    const why = because === null ? ", and there is no newer one" : ` and was not replaced${ends(because)}`;
    return us("expired", `the token expired ${when}${why}`, because ?? RUN_STATUS);
  }
  if (because !== null && OVERTAKEN.includes(because.code)) {
    const text = `the file holds the token written ${wrote}, which may be over: ${because.text}`;
    return us(because.code, text, because);
  }
  return undefined;
}

/** There may be a newer pair than the one in use here. */
const OVERTAKEN = ["in-doubt", "held-elsewhere"];

/** What can't be told from here. */
function ofDoubt(found: Found): Verdict | undefined {
  const { values, because, isBlind, pair, ofEnrolment } = found;
  const wrote = whenWritten(found);
  if (values.some(({ state }) => state === "unknown"))
    return verdict(
      "not-known",
      null,
      `the file was written ${wrote}; whether somebody changed it since is not on record`,
      null,
    );
  if (ofEnrolment && pair === null) {
    const text = "the file was found as the rule wants it, before dotvault had ever written it";
    return verdict("not-known", null, text, null);
  }
  if (!isBlind) return undefined;
  const text = `as far as is known here it is not us: the file holds the newest token, written ${wrote}, untouched since; but${ends(because).replace(/^, because/, "")}, and others may have replaced it`;
  return verdict("not-known", null, text, because);
}

/** The service may have ended it by itself, which only it can tell. */
function wellDone(found: Found): Verdict {
  const { pair, known } = found;
  const secret = known.secret === null ? "what its template says" : "what the secret holds";
  // A file may show of a credential what is no token: a user's name, a key.
  const isToken = found.isUnrecorded || found.values.some(({ token }) => token !== null);
  const credential = isToken ? "the live token" : "what the live credential says";
  const what = pair === null ? secret : credential;
  const how = found.isUnrecorded
    ? "although no write of it is on record"
    : `written ${whenWritten(found)}, untouched since`;
  const { circle } = found;
  const text = `so it is not us: the file holds ${what}, ${how}${but(circle)}`;
  const ask = pair === null ? null : "is it refused all the same? the service tells why: dotvault doctor";
  return {
    code: "not-us",
    ours: false,
    text,
    because: circle?.code ?? null,
    hint: circle ? circle.hint : ask,
    run: null,
  };
}

function but(circle: Because | null): string {
  return circle === null ? "" : `; but ${circle.text}`;
}

/** How a credential by itself stands. Pure. */
export function judgeCredential(
  { because, circle, expiresAt, exists, now }: Pick<Found, "because" | "circle" | "expiresAt" | "now" | "exists">,
  isBlind: boolean,
): Verdict {
  if (!exists) return us("none", `there is no credential${ends(because)}`, because ?? RUN_STATUS);
  const end = expiresAt === null ? "it never expires" : moment(new Date(expiresAt), new Date(now));
  if (expiresAt !== null && expiresAt <= now)
    return us(
      "expired",
      `the token expired ${end}${ends(because) || ", and there is no newer one"}`,
      because ?? RUN_STATUS,
    );
  if (because !== null && OVERTAKEN.includes(because.code))
    return us(because.code, `the token may be over: ${because.text}`, because);
  if (isBlind && because !== null) {
    const text = `as far as is known here it is not us: the token is live; but ${because.text}, and others may have replaced it`;
    return verdict("not-known", null, text, because);
  }
  return wellAlone(because, circle);
}

/** It is live; nobody may be there to replace it, and not everybody may take it. */
function wellAlone(because: Because | null, circle: Because | null): Verdict {
  const later =
    because === null || because.code === "under-way" ? "" : `; it is not replaced when its time comes${ends(because)}`;
  const found = notUs("not-us", `the token is live${later}${but(circle)}`, because?.run ?? null);
  if (because !== null) return { ...found, because: because.code };
  return { ...found, because: circle?.code ?? null, hint: circle?.hint ?? null };
}
