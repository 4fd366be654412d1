import { type Entries, flagEntry, type Placed, type Report, textEntry, textsEntry } from "../settings.ts";
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

export const askNames = [
  "scope",
  "audience",
  "description",
  "project_key",
  "force_revocable",
  "reference_token",
  "username",
] as const;

/** https://jfrog.com/help/r/jfrog-rest-apis/create-token */
const LONGEST = { scope: 500, audience: 255, description: 1000, username: 255 } as const;
export const DEFAULT_SCOPE = "applied-permissions/user";

/** Reads these settings; all mistakes at once, each with its place in the text. */
export function readAsks(entries: Entries, report: Report): Asks {
  const scope = readWith(entries, "scope", report, (text) => readScope(text).faults);
  const audience = readWith(entries, "audience", report, (text) => readAudience(text).faults);
  const description = textEntry(entries, "description", LONGEST.description, report);
  const projectKey = readProject(entries, report);
  const forceRevocable = flagEntry(entries, "force_revocable", report);
  const referenceToken = flagEntry(entries, "reference_token", report);
  const username = readUsername(entries, report);
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

function readWith(
  entries: Entries,
  name: "scope" | "audience",
  report: Report,
  faultsOf: (text: string) => readonly Fault[],
): readonly Placed[] | undefined {
  const texts = textsEntry(entries, name, LONGEST[name], report);
  for (const { path, text } of texts ?? []) {
    for (const { at, what, hint } of faultsOf(text)) report(path, `${name}: ${what}`, { at, hint });
  }
  return texts;
}

function joined(texts: readonly Placed[]): string {
  return texts.map(({ text }) => text.trim()).join(" ");
}

function warnAboutAudience(texts: readonly Placed[], report: Report): void {
  const read = texts.flatMap(({ path, text }) => readAudience(text).parts.map((part) => ({ ...part, path })));
  for (const { service, at, path } of read) {
    if (service === "*" || SERVICES.some((known) => known === service)) continue;
    const hint = `known are ${SERVICES.join(", ")}`;
    report(path, `audience: ${service} is no service that dotvault knows`, { at, hint, isWarning: true });
  }
  const [first] = texts;
  if (!first || read.length === 0 || reachesAccess(read)) return;
  report(first.path, "audience leaves out jfac@*: such a token can neither be refreshed nor revoke itself", {
    hint: "add jfac@*, or it ends when its life is over and is asked for anew",
    isWarning: true,
  });
}

function readProject(entries: Entries, report: Report): string | undefined {
  const key = textEntry(entries, "project_key", 32, report);
  if (key === undefined || /^[a-z][a-z0-9-]{1,31}$/.test(key)) return key;
  const at = /^[a-z][a-z0-9-]*/.exec(key)?.[0].length ?? 0;
  report(["project_key"], "project_key: a project's key is 2 to 32 of a-z, 0-9 and -, beginning with a letter", { at });
  return undefined;
}

function readUsername(entries: Entries, report: Report): string | undefined {
  const name = textEntry(entries, "username", LONGEST.username, report);
  if (name === undefined) return undefined;
  const at = name.search(/\p{Lu}|\s/u);
  if (at === -1) return name;
  report(["username"], "username: JFrog's names are in lower case, without spaces", { at });
  return undefined;
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
