import { flag, type Placed, type Rule, reading, text, texts } from "../setting-kinds.ts";
import type { Entries, Report } from "../settings.ts";
import { canonicalAudience, reachesAccess, readAudience, SERVICES } from "./audience.ts";
import { canonicalScope, readScope } from "./scope.ts";

/** What JFrog is asked for with a token. What is absent is left to JFrog. */
export type Asks = {
  readonly scope?: string;
  readonly audience?: string;
  /** Begins the description at the service, by which dotvault finds its own tokens again. */
  readonly description?: string;
  readonly projectKey?: string;
  /** Revocable, however short (Artifactory 7.50.3). */
  readonly forceRevocable?: boolean;
  /** Absent: one is asked for where the token before had one. */
  readonly referenceToken?: boolean;
  /** Of somebody else; for administrators. */
  readonly username?: string;
};

const PROJECT: Rule = {
  pattern: /^[a-z][a-z0-9-]{1,31}$/u,
  wrong: (key) => ({
    what: "project_key: a project's key is 2 to 32 of a-z, 0-9 and -, beginning with a letter",
    at: /^[a-z][a-z0-9-]*/.exec(key)?.[0].length ?? 0,
  }),
};

const USERNAME: Rule = {
  pattern: /^[^\p{Lu}\s]*$/u,
  wrong: (name) => ({
    what: "username: JFrog's names are in lower case, without spaces",
    at: name.search(/\p{Lu}|\s/u),
  }),
};

/** https://jfrog.com/help/r/jfrog-rest-apis/create-token */
export const askSettings = {
  scope: texts("What the token may do, in JFrog's grammar. Default: `applied-permissions/user`.", 500),
  audience: texts("The services that the token is for, such as `jfrt@* jfac@*`. Default: all.", 255),
  description: text("Begins the token's description at JFrog, by which dotvault finds its own tokens again.", 1000),
  project_key: text("The project that the token belongs to.", 32, { rule: PROJECT }),
  force_revocable: flag("Revocable, however short its life (Artifactory 7.50.3)."),
  reference_token: flag("With a short reference token. Default: where the token before had one."),
  username: text("For somebody else; administrators only.", 255, { rule: USERNAME }),
};
export const DEFAULT_SCOPE = "applied-permissions/user";

/** Reads these settings; all mistakes at once, each with its place in the text. */
export function readAsks(entries: Entries, report: Report): Asks {
  const read = reading(askSettings, entries, report);
  const scope = judged("scope", read("scope"), report, (words) => readScope(words).faults);
  const audience = judged("audience", read("audience"), report, (words) => readAudience(words).faults);
  const description = read("description");
  const projectKey = read("project_key");
  const forceRevocable = read("force_revocable");
  const referenceToken = read("reference_token");
  const username = read("username");
  if (audience) warnAboutAudience(audience, report);
  return {
    ...(scope && { scope: joined(scope) }),
    ...(audience && { audience: joined(audience) }),
    ...(description === undefined ? {} : { description }),
    ...(projectKey === undefined ? {} : { projectKey }),
    ...(forceRevocable === undefined ? {} : { forceRevocable }),
    ...(referenceToken === undefined ? {} : { referenceToken }),
    ...(username === undefined ? {} : { username }),
  };
}

type Fault = ReturnType<typeof readScope>["faults"][number];

function judged(
  name: "scope" | "audience",
  placed: readonly Placed[] | undefined,
  report: Report,
  faultsOf: (words: string) => readonly Fault[],
): readonly Placed[] | undefined {
  for (const { path, text: words } of placed ?? []) {
    for (const { at, what, hint } of faultsOf(words)) report(path, `${name}: ${what}`, { at, hint });
  }
  return placed;
}

function joined(placed: readonly Placed[]): string {
  return placed.map(({ text: words }) => words.trim()).join(" ");
}

function warnAboutAudience(placed: readonly Placed[], report: Report): void {
  const read = placed.flatMap(({ path, text: words }) => readAudience(words).parts.map((part) => ({ ...part, path })));
  for (const { service, at, path } of read) {
    if (service === "*" || SERVICES.some((known) => known === service)) continue;
    const hint = `known are ${SERVICES.join(", ")}`;
    report(path, `audience: ${service} is no service that dotvault knows`, { at, hint, isWarning: true });
  }
  const [first] = placed;
  if (!first || read.length === 0 || reachesAccess(read)) return;
  report(first.path, "audience leaves out jfac@*: such a token can neither be refreshed nor revoke itself", {
    hint: "add jfac@*, or it ends when its life is over and is asked for anew",
    isWarning: true,
  });
}

/** The body of a mint (`POST /access/api/v1/tokens`), without its lifetime. */
export function mintFields(asks: Asks, description: string, hadReference: boolean): Record<string, unknown> {
  const { scope = DEFAULT_SCOPE, audience, projectKey, forceRevocable, username } = asks;
  return {
    scope,
    refreshable: true,
    description,
    ...(audience === undefined ? {} : { audience }),
    ...(projectKey === undefined ? {} : { project_key: projectKey }),
    ...(forceRevocable === undefined ? {} : { force_revocable: forceRevocable }),
    ...(username === undefined ? {} : { username }),
    ...(wantsReference(asks, hadReference) ? { include_reference_token: true } : {}),
  };
}

/** What a minted token should be like, in the spelling of a token's facts. */
export function termsOf({ scope = DEFAULT_SCOPE, audience }: Asks) {
  return { scope: canonicalScope(scope), audience: audience === undefined ? undefined : canonicalAudience(audience) };
}

/** Whether a token with this audience may come to Access again: to be refreshed, to mint with, to be revoked. */
export function mayReturn({ audience = "*@*" }: Asks): boolean {
  return reachesAccess(readAudience(audience).parts);
}

/** JFrog forgets it: it has to be asked for at every refresh, too. */
export function wantsReference({ referenceToken }: Asks, had: boolean): boolean {
  return referenceToken ?? had;
}
