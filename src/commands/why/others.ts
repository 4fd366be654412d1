import { DotvaultError } from "../../errors.ts";
import { harmless } from "../../terminal/style.ts";
import { clock } from "../../terminal/times.ts";
import { tokenWords } from "../../terminal/why/lines.ts";
import type { KnownToken, OtherFile, Verdict } from "../../terminal/why/report.ts";
import { type Asked, contextOf, inUse } from "./asked.ts";
import { tokensIn } from "./token.ts";

/** A file that no rule writes: whose tokens stand in it. */
export async function otherFile(path: string, asked: Asked): Promise<OtherFile> {
  try {
    const tokens = await tokensIn(path, asked);
    return { path, tokens, verdict: judgeOther(tokens, asked) };
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const text = `whether a token of ours stands in it can't be told: ${harmless(error.message)}`;
    return {
      path,
      tokens: [],
      verdict: { code: "unreadable", ours: null, text, because: null, hint: null, run: null },
    };
  }
}

function judgeOther(tokens: readonly KnownToken[], { reader, now }: Asked): Verdict {
  const known = tokens.filter(({ enrolment }) => enrolment !== null);
  const old = known.find(({ standing }) => standing !== "in-use");
  const at = new Date(now);
  if (old !== undefined)
    return notUs("pasted", `somebody has put ${tokenWords(old, at)}, into a file that dotvault does not write`);
  const [live] = known;
  if (live === undefined) {
    const text = tokens.length === 0 ? "there is no token in it that could be ours" : "its token is not ours";
    return notUs("not-ours", `dotvault does not write this file, and ${text}`);
  }
  const end = inUse(contextOf(reader, live.enrolment ?? ""))?.expiresAt;
  const until = end === undefined ? "" : ` until ${clock(new Date(end), at)}`;
  return notUs(
    "copied",
    `it holds a copy of ${live.enrolment}'s live token, which is good${until} at most and ends with the next rotation: a rule would keep it new`,
  );
}

function notUs(code: string, text: string): Verdict {
  return { code, ours: false, text: `so it is not us: ${text}`, because: null, hint: null, run: null };
}
