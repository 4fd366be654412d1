import { DotvaultError } from "../../errors.ts";
import type { JournalReader } from "../../journal/port.ts";
import { type Lineage, TELLING } from "../../machines/lineage/lineage.ts";
import { nameOf, REVOCATIONS, streamOf } from "../../machines/stream/names.ts";
import type { TokenListReport } from "../../terminal/token/list.ts";
import type { KnownToken } from "../../terminal/why/report.ts";
import { enrolmentNames } from "../history/streams.ts";
import { type Asked, contextOf, inUse } from "./asked.ts";

/** What a JWT or a reference token of JFrog's begins with: only where one may be, more is loaded to find it. */
const TOKENISH = /eyJ|cmVmdGtu/;

/** The tokens in a text by their ids, and what this journal knows of each. Those without an id are left out. */
export async function knownTokens(text: string, asked: Asked): Promise<KnownToken[]> {
  if (!TOKENISH.test(text)) return [];
  const [{ findTokens }, { inspectToken }] = await Promise.all([
    import("../../adapters/engines/jfrog/token/find.ts"),
    import("../../adapters/engines/jfrog/token/inspect.ts"),
  ]);
  const named = unlessNone(() => findTokens(text, "the file")).flatMap(({ token, line }) => {
    const { tokenId } = inspectToken(token);
    return tokenId === null ? [] : [{ tokenId, line }];
  });
  return Promise.all(named.map(async ({ tokenId, line }) => ({ ...(await knownToken(tokenId, asked)), line })));
}

function unlessNone<T>(find: () => T[]): T[] {
  try {
    return find();
  } catch (error) {
    if (error instanceof DotvaultError) return [];
    throw error;
  }
}

/** One that is in use is known without the history. */
async function knownToken(tokenId: string, asked: Asked): Promise<Omit<KnownToken, "line">> {
  const enrolment = enrolmentNames(asked.reader).find(
    (name) => inUse(contextOf(asked.reader, name))?.tokenId === tokenId,
  );
  const end = enrolment === undefined ? null : endOf(enrolment, asked);
  if (enrolment !== undefined && end === null) return { tokenId, enrolment, standing: "in-use", at: null, since: null };
  const token = await tokenNamed(tokenId, asked);
  if (token === undefined) return { tokenId, enrolment: null, standing: null, at: null, since: null };
  const over = end === null ? { standing: token.standing, since: await overSince(token, asked) } : end;
  return { tokenId, enrolment: token.enrolment, at: token.at, ...over };
}

/** The credential in use may have expired all the same. */
function endOf(enrolment: string, { reader, now }: Asked): Pick<KnownToken, "standing" | "since"> | null {
  const end = inUse(contextOf(reader, enrolment))?.expiresAt;
  return end === undefined || end > now ? null : { standing: "expired", since: new Date(end) };
}

/** When it was revoked, or expired, or else was replaced. */
async function overSince(token: TokenListReport, asked: Asked): Promise<Date | null> {
  if (token.standing === "revoked") return token.revokedAt;
  if (token.standing === "expired") return token.expiresAt;
  if (token.standing === "refused") return token.refusedAt;
  return (await successorOf(token, asked))?.at ?? null;
}

/** The token that took its place. */
export async function successorOf(
  { enrolment, supersededBy }: TokenListReport,
  asked: Asked,
): Promise<TokenListReport | undefined> {
  const tokens = supersededBy === null ? [] : await tokensOfOne(enrolment, asked);
  return tokens.find(({ tokenId }) => tokenId === supersededBy);
}

/** The token of that id, or the one whose id begins so; undefined: this journal knows none. */
export async function tokenNamed(what: string, asked: Asked): Promise<TokenListReport | undefined> {
  const enrolment = enrolmentWith(what, asked);
  if (enrolment === undefined) return undefined;
  const tokens = await tokensOfOne(enrolment, asked);
  return tokens.find(({ tokenId }) => tokenId === what) ?? tokens.find(({ tokenId }) => isMeant(tokenId, what));
}

/** As `why` shortens ids. */
const SHORTEST_ID = 8;

function isMeant(tokenId: unknown, what: string): boolean {
  const plain = what.replace(/…$/, "");
  if (typeof tokenId !== "string") return false;
  return tokenId === what || (plain.length >= SHORTEST_ID && tokenId.startsWith(plain));
}

/**
 * The enrolment that ever had such a token: by the newest events, by the lineage that the agent keeps once a day, and only
 * then by all events.
 */
function enrolmentWith(what: string, { reader }: Asked): string | undefined {
  const kept = reader.fact("lineage") as Pick<Lineage, "tokens" | "upTo"> | undefined;
  const told = (afterSeq: number) => {
    for (const { stream, event } of reader.events({ type: TELLING.type, afterSeq, newestFirst: true })) {
      const facts = (event.facts ?? event.found ?? event) as { readonly tokenId?: unknown };
      if (isMeant(facts.tokenId, what)) return nameOf(stream);
    }
    return undefined;
  };
  if (kept === undefined) return told(0);
  return told(kept.upTo) ?? kept.tokens.findLast(({ tokenId }) => isMeant(tokenId, what))?.enrolment ?? told(0);
}

const lineages = new WeakMap<Asked, Map<string, Promise<TokenListReport[]>>>();

/** Every token of an enrolment, oldest first; its history is read for it, once. */
function tokensOfOne(enrolment: string, asked: Asked): Promise<TokenListReport[]> {
  const known = lineages.get(asked) ?? new Map<string, Promise<TokenListReport[]>>();
  lineages.set(asked, known);
  const tokens = known.get(enrolment) ?? readTokens(enrolment, asked);
  known.set(enrolment, tokens);
  return tokens;
}

async function readTokens(enrolment: string, { reader, now }: Asked): Promise<TokenListReport[]> {
  const { sightOf, tokensOf } = await import("../token/lineage.ts");
  return tokensOf(enrolment, sightOf(onlyOf(enrolment, reader)), null, now);
}

/** The journal as far as it is about one enrolment: of many, the others' histories need not be read. */
function onlyOf(enrolment: string, reader: JournalReader): JournalReader {
  const stream = [streamOf(enrolment), REVOCATIONS + enrolment];
  return { ...reader, events: (filter) => reader.events({ ...filter, stream }) };
}
