/**
 * The scope of a JFrog access token: parts separated by spaces, in JFrog's grammar
 * (https://jfrog.com/help/r/jfrog-rest-apis/create-token). Names may be quoted, and then hold spaces and commas.
 */
export type ScopePart =
  | { readonly kind: "user" | "admin" }
  | { readonly kind: "groups"; readonly names: readonly string[] }
  | { readonly kind: "roles"; readonly project: string; readonly names: readonly string[] }
  | { readonly kind: "artifact" | "system"; readonly subject: string; readonly actions: string };

/** A mistake, and where it begins in the text. */
export interface Fault {
  readonly at: number;
  readonly what: string;
  readonly hint?: string;
}

export interface ReadScope {
  readonly parts: readonly ScopePart[];
  readonly faults: readonly Fault[];
}

/** A part of a text with the place where it begins. */
interface Piece {
  readonly text: string;
  readonly at: number;
}

/** https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-token-structure */
const ACTIONS = "rwdamxs";
const AREAS = ["metrics", "livelogs", "identities", "permissions"] as const;
const PROJECT = /^[a-z][a-z0-9-]{1,31}$/;
const FORMS =
  "applied-permissions/user, …/admin, …/groups:a,b, …/roles:project:role, artifact:repo/path:r, system:metrics:r";

/** All parts that can be read, and all that is wrong with the others. */
export function readScope(text: string): ReadScope {
  const faults: Fault[] = [];
  const fault = (at: number, what: string, hint?: string): undefined => {
    faults.push({ at, what, ...(hint === undefined ? {} : { hint }) });
  };
  const parts = wordsOf(text).flatMap((word) => readPart(word, fault) ?? []);
  if (parts.length === 0 && faults.length === 0) fault(0, "it is empty", `say one of ${FORMS}`);
  return { parts, faults };
}

/**
 * A scope in one spelling, so that the one that was asked for can be compared with the one that was granted; undefined for
 * what is none.
 */
export function canonicalScope(text: string): string | undefined {
  const { parts, faults } = readScope(text);
  return faults.length > 0 ? undefined : [...new Set(parts.map(spell))].sort().join(" ");
}

type Complain = (at: number, what: string, hint?: string) => undefined;

/** Spaces within quotes belong to a name. */
function wordsOf(text: string): Piece[] {
  return [...text.matchAll(/(?:"[^"]*"|[^\s"]|"(?=[^"]*$))+/g)].map(({ 0: word, index }) => ({
    text: word,
    at: index,
  }));
}

function readPart(word: Piece, fault: Complain): ScopePart | undefined {
  const [head = "", tail] = cut(word);
  switch (head) {
    case "applied-permissions/user":
    case "applied-permissions/admin":
      if (tail) return fault(tail.at - 1, `nothing comes after ${head}`);
      return { kind: head === "applied-permissions/user" ? "user" : "admin" };
    case "applied-permissions/groups":
      return readGroups(word, tail, fault);
    case "applied-permissions/roles":
      return readRoles(word, tail, fault);
    case "artifact":
    case "system":
      return readActions(head, word, tail, fault);
    default:
      return fault(word.at, `${shown(head)} is no kind of scope`, `say one of ${FORMS}`);
  }
}

/** Before and after the first colon. */
function cut({ text, at }: Piece): [string, Piece?] {
  const colon = text.indexOf(":");
  return colon === -1 ? [text] : [text.slice(0, colon), { text: text.slice(colon + 1), at: at + colon + 1 }];
}

function readGroups(word: Piece, tail: Piece | undefined, fault: Complain): ScopePart | undefined {
  if (!tail) return fault(word.at, "groups: lacks its names", 'say applied-permissions/groups:readers,"my team"');
  const names = readNames(tail, fault);
  return names && { kind: "groups", names };
}

function readRoles(word: Piece, tail: Piece | undefined, fault: Complain): ScopePart | undefined {
  const [project = "", roles] = tail ? cut(tail) : [];
  const hint = 'say applied-permissions/roles:myproject:Developer,"Release Manager"';
  if (!tail || !roles) return fault(word.at, "roles: lacks its project or its roles", hint);
  if (!PROJECT.test(project)) return fault(tail.at, `${shown(project)} is not a project's key`, hint);
  const names = readNames(roles, fault);
  return names && { kind: "roles", project, names };
}

/** Names with commas between them; one that holds a comma, a quote or a space is quoted. */
function readNames(list: Piece, fault: Complain): string[] | undefined {
  const names: string[] = [];
  for (let at = 0; at <= list.text.length; ) {
    const [written = "", quoted, plain] = /^(?:"([^"]+)"|([^",\s]+))/.exec(list.text.slice(at)) ?? [];
    const name = quoted ?? plain;
    if (name === undefined) return fault(list.at + at, wrongName(list.text.slice(at)));
    names.push(name);
    at += written.length;
    if (at === list.text.length) return names;
    if (list.text[at] !== ",") return fault(list.at + at, "a comma must stand between two names");
    at += 1;
  }
  return names;
}

function wrongName(rest: string): string {
  return rest.startsWith('"') && !rest.startsWith('""') ? "this quote is never closed" : "a name is missing here";
}

/** The last colon comes before the actions. */
function readActions(
  kind: "artifact" | "system",
  word: Piece,
  tail: Piece | undefined,
  fault: Complain,
): ScopePart | undefined {
  const hint = kind === "artifact" ? "say artifact:my-repo/path:r" : "say system:metrics:r";
  const colon = tail?.text.indexOf(":") ?? -1;
  if (!tail || colon === -1) return fault(word.at, `${kind}: lacks its actions`, hint);
  const subject = tail.text.slice(0, colon);
  if (subject === "") return fault(tail.at, `${kind}: lacks what it is about`, hint);
  if (kind === "system" && !AREAS.some((area) => area === subject))
    return fault(tail.at, `${shown(subject)} is not one of ${AREAS.join(", ")}`);
  const actions = tail.text.slice(colon + 1);
  const odd = oddAction(actions);
  if (odd !== undefined)
    return fault(tail.at + colon + 1 + odd, `actions are letters out of ${[...ACTIONS].join(" ")}, or *`, hint);
  return { kind, subject, actions };
}

/** Where actions (`r`, `rw`, `r,w`, `*`) are wrong. */
function oddAction(actions: string): number | undefined {
  if (actions === "*") return undefined;
  const sound = /^(?:[rwdamxs](?:,?[rwdamxs])*)?/.exec(actions)?.[0].length ?? 0;
  return sound === actions.length && sound > 0 ? undefined : sound;
}

function spell(part: ScopePart): string {
  switch (part.kind) {
    case "user":
    case "admin":
      return `applied-permissions/${part.kind}`;
    case "groups":
      return `applied-permissions/groups:${spellNames(part.names)}`;
    case "roles":
      return `applied-permissions/roles:${part.project}:${spellNames(part.names)}`;
    default:
      return `${part.kind}:${part.subject}:${[...new Set(part.actions.replaceAll(",", ""))].sort().join("")}`;
  }
}

function spellNames(names: readonly string[]): string {
  const spelled = [...new Set(names)].sort().map((name) => (/[\s,]/.test(name) ? `"${name}"` : name));
  return spelled.join(",");
}

function shown(text: string): string {
  return text.length > 40 ? `"${text.slice(0, 39)}…"` : `"${text}"`;
}
