import { dateOf } from "../../terminal/times.ts";
import type { CredentialStory } from "../../terminal/why/report.ts";
import { type Asked, becauseOf, circleOf, contextOf, inUse, isBlind } from "./asked.ts";
import { endStory, pairStory } from "./chain.ts";
import { judgeCredential } from "./verdict.ts";

/** The story of an enrolment's credential: whence, because of what, where it is kept, how long it lives. */
export function credentialStory(name: string, asked: Asked): CredentialStory {
  const { reader, rules, status, now } = asked;
  const pair = inUse(contextOf(reader, name));
  const story = pair === null ? null : pairStory(reader, name, pair.digest);
  const store = reader.fact("store");
  const expiresAt = pair?.expiresAt ?? null;
  const report = status().enrolments.find((each) => each.name === name);
  const found = {
    because: becauseOf(asked, name),
    circle: circleOf(asked, name),
    expiresAt,
    exists: pair !== null,
    now,
  };
  return {
    name,
    user: pair?.user ?? null,
    tokenId: pair?.tokenId ?? null,
    chain: story?.chain ?? endStory(reader, name),
    storedVersion: pair?.stored?.version ?? null,
    store: typeof store === "string" ? store : null,
    expiresAt: dateOf(expiresAt),
    rotatesAt: report?.rotatesAt ?? null,
    rules: rules.filter(({ secret }) => secret === name).map((rule) => rule.name),
    verdict: judgeCredential(found, isBlind(asked)),
  };
}
