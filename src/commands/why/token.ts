import { readTarget } from "../../adapters/files/read.ts";
import { DotvaultError } from "../../errors.ts";
import type { Recorded } from "../../journal/port.ts";
import { RULE, streamOf } from "../../machines/stream/names.ts";
import { dotvault } from "../../shell.ts";
import { clock, dateOf } from "../../terminal/times.ts";
import type { TokenListReport } from "../../terminal/token/list.ts";
import type { Cause, KnownToken, TokenPlace, TokenStory, Verdict } from "../../terminal/why/report.ts";
import { type Asked, becauseOf } from "./asked.ts";
import { causesOf, pairStory, UNTOLD } from "./chain.ts";
import { credentialStory } from "./credential.ts";
import { knownTokens, successorOf } from "./known.ts";

/** One token's story, from its beginning to its end, and the files that it is and was in. */
export async function tokenStory(token: TokenListReport, asked: Asked): Promise<TokenStory> {
  const { tokenId, enrolment, standing, how, expiresAt, revokedAt, ended } = token;
  const origin = originOf(token, asked);
  const superseded = await supersededBy(token, asked);
  const files = await placesOf(tokenId ?? "", enrolment, origin.digest, asked);
  return {
    tokenId: tokenId ?? "",
    enrolment,
    standing,
    how,
    machine: origin.machine ?? token.machine,
    chain: origin.chain,
    storedVersion: origin.storedVersion,
    expiresAt,
    superseded,
    revoked: revokedAt === null ? null : { at: revokedAt, how: ended ?? "revoked" },
    files,
    verdict: judgeToken(token, { superseded, files }, asked),
  };
}

interface Origin {
  readonly chain: readonly Cause[];
  readonly storedVersion: number | null;
  readonly digest: string | null;
  readonly machine: string | null;
}

const NOWHERE: Origin = { chain: [], storedVersion: null, digest: null, machine: null };

function originOf({ tokenId, enrolment }: TokenListReport, { reader }: Asked): Origin {
  for (const recorded of reader.events({ stream: streamOf(enrolment) })) {
    const { event } = recorded;
    if (event.type === "GRANTED" && event.tokenId === tokenId)
      return { ...NOWHERE, chain: causesOf([recorded], enrolment) };
    const facts = (event.facts ?? event.found) as { readonly tokenId?: string; readonly digest?: string } | undefined;
    if (tokenId === null || facts?.tokenId !== tokenId || facts.digest === undefined) continue;
    const { chain, storedVersion } = pairStory(reader, enrolment, facts.digest) ?? UNTOLD;
    return { chain, storedVersion, digest: facts.digest, machine: machineIn(recorded) };
  }
  return NOWHERE;
}

function machineIn({ event }: Recorded): string | null {
  return typeof event.by === "string" ? event.by : null;
}

async function supersededBy(token: TokenListReport, asked: Asked): Promise<TokenStory["superseded"]> {
  const next = await successorOf(token, asked);
  if (next?.tokenId == null || next.at === null) return null;
  const [because = null] = originOf(next, asked).chain;
  return { at: next.at, by: next.tokenId, because };
}

/** Files of the enrolment that were written with it, and any that we write in which it stands. */
async function placesOf(
  tokenId: string,
  enrolment: string,
  digest: string | null,
  asked: Asked,
): Promise<TokenPlace[]> {
  const paths = new Map(asked.rules.map((rule) => [rule.path, rule]));
  const places = [...paths.values()].map(async ({ path }) => {
    const line = (await tokensAt(path, asked)).find((token) => token.tokenId === tokenId)?.line ?? null;
    const rules = asked.rules.filter((rule) => rule.path === path && rule.secret === enrolment);
    const written = rules.map((rule) => writtenWith(rule.name, digest, asked)).find((time) => time.from !== null);
    return { path, line, ...(written ?? { from: null, until: null }) };
  });
  return (await Promise.all(places)).filter(({ from, line }) => from !== null || line !== null);
}

/** Throws `files.*` where the file can't be read. */
export async function tokensIn(path: string, asked: Asked): Promise<KnownToken[]> {
  const { content } = await readTarget(path);
  return content === undefined ? [] : await knownTokens(content, asked);
}

async function tokensAt(path: string, asked: Asked): Promise<KnownToken[]> {
  try {
    return await tokensIn(path, asked);
  } catch (error) {
    if (error instanceof DotvaultError) return [];
    throw error;
  }
}

/** Since when, and until when, a rule's file was written with a pair. */
function writtenWith(rule: string, digest: string | null, { reader }: Asked): Pick<TokenPlace, "from" | "until"> {
  let from: number | null = null;
  if (digest === null) return { from: null, until: null };
  for (const { event } of reader.events({ stream: RULE + rule })) {
    const pair = (event.from as { readonly pair?: string | null } | null | undefined)?.pair;
    const isWith = event.type === "FILE_WRITTEN" && pair === digest;
    if (isWith) from ??= event.at;
    else if (from !== null && (event.type === "FILE_WRITTEN" || event.type === "FILE_CLEANED"))
      return { from: new Date(from), until: new Date(event.at) };
  }
  return { from: dateOf(from), until: null };
}

const NOTHING = { because: null, hint: null, run: null } as const;

/** Whose doing it is if this token does not work. */
function judgeToken(
  { tokenId, enrolment, standing, revokedAt, refusedAt, expiresAt, how }: TokenListReport,
  { superseded, files }: Pick<TokenStory, "superseded" | "files">,
  asked: Asked,
): Verdict {
  const now = new Date(asked.now);
  if (standing === "in-use") return credentialStory(enrolment, asked).verdict;
  const held = files.filter(({ line }) => line !== null);
  const stale = held.filter(({ from, until }) => from !== null && until === null);
  const where = held.map(({ path, line }) => `${path} (line ${line})`).join(", ");
  const because = superseded === null ? becauseOf(asked, enrolment) : null;
  const isGivenUp = standing === "never-revoked" && because !== null;
  const ended = isGivenUp
    ? `it is over, because ${because.text}`
    : endOf(standing, { revokedAt, refusedAt, expiresAt, superseded, how }, now);
  const [first] = stale;
  if (first !== undefined) {
    const text = `so it is us: ${ended}, and ${where} still holds it as dotvault wrote it`;
    return { code: "stale", ours: true, text, ...NOTHING, run: because?.run ?? dotvault("why", first.path) };
  }
  if (held.length > 0) {
    const text = `so it is not us: ${ended}; somebody has put it back into ${where}`;
    return { code: "pasted", ours: false, text, ...NOTHING, run: "dotvault sync" };
  }
  const text = `so it is not us: ${ended}; whoever still presents it has an old copy`;
  const mayLive = standing === "never-revoked" && !isGivenUp && tokenId !== null;
  const revoke = mayLive ? dotvault("token revoke", tokenId) : null;
  return { code: standing, ours: false, text, ...NOTHING, run: revoke };
}

function endOf(
  standing: string,
  {
    revokedAt,
    refusedAt,
    expiresAt,
    superseded,
    how,
  }: Pick<TokenListReport, "revokedAt" | "refusedAt" | "expiresAt" | "how"> & Pick<TokenStory, "superseded">,
  now: Date,
): string {
  const replaced = superseded === null ? "" : `it was replaced ${clock(superseded.at, now)}`;
  const on = (time: Date | null) => (time === null ? "" : ` ${clock(time, now)}`);
  switch (standing) {
    case "revoked":
      return `${replaced}${replaced === "" ? "it was" : " and"} revoked${on(revokedAt)}`;
    case "expired":
      return `it expired${on(expiresAt)}`;
    case "refused":
      return `the service refused it for good${on(refusedAt)}`;
    case "rotated-away":
      return `${replaced || "it was rotated"}, which ended it`;
    case "to-be-revoked":
      return `${replaced || `it was ${how === "signed-in" ? "the login's" : "replaced"}`}, and is being revoked`;
    case "never-revoked":
      return `${replaced || "it was replaced"}, and nothing is on record that ended it: it may still be good${expiresAt ? ` until ${clock(expiresAt, now)}` : ""}`;
    default:
      return "it is another machine's";
  }
}
