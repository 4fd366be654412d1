import type { Refused } from "../port.ts";
import { type Asks, DEFAULT_SCOPE } from "./asks.ts";
import { span } from "./notices.ts";
import type { JfrogSettings } from "./settings.ts";

/** A setting that JFrog may have refused a token for. */
interface Suspect {
  /** As it stands in the configuration. */
  readonly name: string;
  readonly value: string;
  /** How JFrog's words name it. */
  readonly words: RegExp;
  /** What the platform wants of whoever asks for it. */
  readonly rule?: string;
}

/** A refusal of a mint, with the setting that caused it as its hint: by JFrog's words, else all that were asked for. */
export function blamed(refused: Refused, settings: JfrogSettings): Refused {
  if (refused.status !== 400 && refused.status !== 403) return refused;
  const asked = suspects(settings);
  const named = asked.filter(({ words }) => words.test(refused.message));
  const [cause, ...more] = named.length > 0 ? named : asked.filter(({ name }) => name !== "token_ttl");
  if (cause === undefined) return refused;
  if (more.length > 0) return { ...refused, hint: `asked for with ${[cause, ...more].map(shown).join(", ")}` };
  return { ...refused, hint: `asked for by ${shown(cause)}${cause.rule === undefined ? "" : `: ${cause.rule}`}` };
}

function suspects(settings: JfrogSettings): Suspect[] {
  const { scope, audience, projectKey, username, tokenTtlMs } = settings;
  const flags = [flag("force_revocable", settings.forceRevocable), flag("reference_token", settings.referenceToken)];
  const all = [
    { name: "scope", value: scope, words: /\bscope/i, rule: ruleOf(settings) },
    { name: "audience", value: audience, words: /\baudience/i },
    { name: "project_key", value: projectKey, words: /\bproject/i, rule: PROJECTS },
    { name: "username", value: username, words: /\busername|another user/i, rule: ADMINS },
    { name: "token_ttl", value: span(tokenTtlMs), words: /expires_in|expir|lifetime/i, rule: "ask for less" },
    ...flags,
  ];
  return all.flatMap(({ value, ...rest }) => (value === undefined ? [] : [{ ...rest, value } as Suspect]));
}

function flag(name: string, value: boolean | undefined) {
  return { name, value: value === undefined ? undefined : String(value), words: new RegExp(name, "i") };
}

const ADMINS = "only an administrator gets a token for somebody else";
const PROJECTS = "its own administrators can ask for it, from Artifactory 7.84.3 on";

/** What JFrog wants of who asks for such a scope. */
function ruleOf({ scope = DEFAULT_SCOPE }: Asks): string {
  if (scope.includes("applied-permissions/admin")) return "only an administrator gets an administrator's token";
  if (scope.includes("applied-permissions/groups:"))
    return "who is no administrator can name only groups that they are in";
  if (scope.includes("applied-permissions/roles:")) return "it takes an administrator of that project";
  return "nobody gets more than they may do themselves";
}

function shown({ name, value }: Suspect): string {
  return `${name}: ${value.length > 80 ? `${value.slice(0, 79)}…` : value}`;
}
