import { ASK_WORDS } from "../asks.ts";
import { harmless } from "../style.ts";
import { clock, count, countdown, moment, ordinal, relative, second, span } from "../times.ts";
import { outcomeWords, sentWords } from "../unanswered.ts";
import { circleAsides, circleFootnotes } from "./circle.ts";
import type { EnrolmentReport, FileReport, RetryReport, TroubleReport } from "./report.ts";
import { termsFootnotes } from "./terms.ts";

/** One thing in words: a state word, and lines of parts that belong together. */
export interface Told {
  readonly word: string;
  readonly lines: readonly (readonly string[])[];
}

export interface Telling {
  readonly now: Date;
  readonly agentRuns: boolean;
}

type Enrolment = EnrolmentReport;

/** What `status` says of an enrolment. The first line stands beside its name. */
export function tellEnrolment(enrolment: Enrolment, telling: Telling): Told {
  const { word, first, more = [] } = SITUATIONS[enrolment.situation](enrolment, telling);
  const { retries } = enrolment;
  const retried = retries.filter(({ step }) => !CLEANING.includes(step)).flatMap((retry) => tellRetry(retry, telling));
  const head = retried.length > 0 ? [...retried, ...life(enrolment, telling)] : first;
  const last = [...(more.at(-1) ?? []), ...helped(enrolment)];
  const lines = [[...head, ...asides(enrolment)], ...more.slice(0, -1), ...footnotes(enrolment, telling), last];
  return { word, lines: lines.filter((line) => line.length > 0) };
}

interface Words {
  readonly word: string;
  readonly first: readonly string[];
  readonly more?: readonly (readonly string[])[];
}

const SITUATIONS: { readonly [S in Enrolment["situation"]]: (enrolment: Enrolment, telling: Telling) => Words } = {
  new: (_, { agentRuns }) => ({
    word: "new",
    first: [
      agentRuns ? "the agent that runs has not read the configuration again (SIGHUP)" : "no agent has seen it yet",
    ],
  }),
  looking: () => ({ word: "looking", first: ["asking the store what it holds"] }),
  "not-enrolled": (enrolment, telling) => ({
    word: "not enrolled",
    first: [...missing(enrolment.ask, enrolment.label, telling), ...triedAgain(enrolment, telling)],
  }),
  "signing-in": ({ login }, { now, agentRuns }) => ({
    word: "signing in",
    first: [loginWords(login, now, agentRuns)],
  }),
  minting: ({ label }) => ({ word: "enrolling", first: [`signed in; ${label} is asked for a token of our own`] }),
  storing: (enrolment, telling) => ({
    word: "storing",
    first: ["a new token is sealed here, on its way to the store", ...life(enrolment, telling)],
  }),
  active: (enrolment, telling) => ({
    word: enrolment.ask ? "sign-in due" : "active",
    first: activeWords(enrolment, telling),
  }),
  moved: ({ label }) => ({
    word: "moved",
    first: ["the configuration names another host; the token of the old one is not shown to it", `sign in at ${label}`],
  }),
  rotating: (enrolment, telling) => ({
    word: "rotating",
    first: [
      awaitedWords(enrolment, telling) ?? ROTATING[enrolment.state ?? ""] ?? "under way",
      ...life(enrolment, telling),
    ],
  }),
  "waiting-for-machine": (enrolment, telling) => ({
    word: "waiting",
    first: [
      `${machineOf(enrolment)} is rotating it${again(enrolment, telling, "; looking again")}`,
      ...life(enrolment, telling),
    ],
  }),
  "in-doubt": (enrolment, telling) => ({
    word: "in doubt",
    first: [doubtWords(enrolment, telling)],
    more: [
      [
        `now: ${DOUBTED[enrolment.state ?? ""] ?? "finding out"}${again(enrolment, telling, "; again")}`,
        kept(enrolment, telling),
      ],
    ],
  }),
  "second-look": (enrolment, telling) => ({
    word: "in doubt",
    first: [doubtWords(enrolment, telling)],
    more: [[`one more look${again(enrolment, telling, "")} before anything is removed`, kept(enrolment, telling)]],
  }),
  "held-elsewhere": (enrolment, telling) => ({
    word: "held elsewhere",
    first: [`${machineOf(enrolment)} rotated it and has not stored the new token yet`],
    more: [["it may bring it yet", kept(enrolment, telling)]],
  }),
  keeping: (enrolment, telling) => ({
    word: "not renewable",
    first: [keepingWords(enrolment)],
    more: [said(enrolment.ask?.message), [kept(enrolment, telling)]],
  }),
  revoked: ({ label, ask, engine }, { now }) => ({
    word: "sign-in needed",
    first: [`${label} refused the token for good${ask ? ` (revoked ${clock(ask.since, now)})` : ""}`],
    more: [said(ask?.message), engine === "jfrog" ? [SAME_NAME] : [], ["files keep the last token"]],
  }),
  unenrolling: (enrolment) => ({
    word: "un-enrolling",
    first: [enrolment.elsewhere ? `waiting for ${machineOf(enrolment)}` : "removing the secret from the store"],
  }),
  unenrolled: () => ({ word: "un-enrolled", first: ["by your wish; the history is kept"] }),
  paused: (enrolment, telling) => ({
    word: "paused",
    first: ["not in the configuration any more; the secret is kept", ...life(enrolment, telling)],
  }),
};

/** https://jfrog.com/help/r/jfrog-platform-administration-documentation/access-tokens */
const SAME_NAME = "whoever deletes the tokens of one user at JFrog deletes those of all users of that name";

const ROTATING: Readonly<Record<string, string>> = {
  "refreshing.claiming": "claiming the lease",
  "refreshing.reading": "reading the store once more",
  "refreshing.presenting": "presenting the token",
  "refreshing.reminting": "asking for a new token with the present one",
};

const DOUBTED: Readonly<Record<string, string>> = {
  "refreshing.doubted.reading": "reading the store",
  "refreshing.doubted.presenting": "presenting the same token once more",
  "refreshing.doubted.pausing": "waiting before the same token is presented once more",
  "refreshing.doubted.probing": "asking whether the access token lives",
  "refreshing.doubted.minting": "making a new token with the one that lives",
  "refreshing.doubted.verifying": "reading the store before anything is removed",
  "refreshing.doubted.removing": "removing the dead token from the store",
};

function keepingWords({ doubt, label }: Enrolment): string {
  const unused = doubt?.cause === "refused" && doubt.presentations === 0;
  return unused
    ? `${label} issues no new token for the present one`
    : `the refresh token is used up, and ${label} issued no new token`;
}

/** A rotation is out. */
function awaitedWords({ unanswered }: Enrolment, { now, agentRuns }: Telling): string | undefined {
  if (unanswered?.state !== "awaited") return undefined;
  if (agentRuns) return `a rotation was sent at ${second(unanswered.sentAt, now)}; its answer is awaited`;
  return `${sentWords(unanswered, now)}; the next start asks what became of it`;
}

/** How one without an answer came out is told for a day. */
const OUTCOME_TOLD = 24 * 60 * 60_000;

function outcomeTold({ unanswered }: Enrolment, { now }: Telling): string[][] {
  const { outcome, outcomeAt, lostAt } = unanswered ?? {};
  if (!unanswered || !outcome || !outcomeAt || !lostAt) return [];
  if (now.getTime() - outcomeAt.getTime() > OUTCOME_TOLD) return [];
  const came = outcomeWords(outcome, outcomeAt.getTime() - lostAt.getTime());
  return [[sentWords(unanswered, now)], [came]];
}

function doubtWords({ doubt, label, unanswered }: Enrolment, { now }: Telling): string {
  if (doubt?.cause === "refused") {
    const words = doubt.message === null ? "" : `: ${harmless(doubt.message)}`;
    return `${label} refused the rotation${words}`;
  }
  if (doubt?.cause === "restored") return "the store shows a token that was rotated away (a restored backup?)";
  if (unanswered) return sentWords(unanswered, now);
  const times = (doubt?.presentations ?? 1) > 1 ? ` (${doubt?.presentations} times)` : "";
  return `a rotation was sent and no answer was recorded${times}`;
}

function missing(ask: Enrolment["ask"], label: string, { now }: Telling): string[] {
  if (!ask) return [ASK_WORDS["not-enrolled"] ?? ""];
  const when = ask.code === "not-enrolled" ? "" : ` (${relative(ask.since, now)})`;
  return [`${ASK_WORDS[ask.code] ?? ask.code}${when}`, ...said(ask.message, `${label}: `)];
}

/** One that needs nobody goes on by itself. */
function triedAgain({ againAt }: Enrolment, { now, agentRuns }: Telling): string[] {
  return againAt === null ? [] : [`tried again ${tryTime(againAt, now, agentRuns)}`];
}

function loginWords(login: Enrolment["login"], now: Date, agentRuns: boolean): string {
  if (!login) return "no person is needed";
  const left = login.until.getTime() - now.getTime();
  if (left > 0) return `waiting for the person until ${clock(login.until, now)} (${countdown(left)} left)`;
  return agentRuns ? "the time is over; one last look" : `the login ran out ${relative(login.until, now)}`;
}

function activeWords(enrolment: Enrolment, telling: Telling): string[] {
  const { expiresAt, rotatesAt, ask, refreshable } = enrolment;
  const { now, agentRuns } = telling;
  if (expiresAt === null) return ["never expires"];
  if (rotatesAt && rotatesAt.getTime() < now.getTime() - 60_000 && !agentRuns) {
    return [`rotation due since ${moment(rotatesAt, now)}`, ...life(enrolment, telling)];
  }
  if (rotatesAt && expiresAt.getTime() > now.getTime()) return [`rotates ${moment(rotatesAt, now)}`];
  if (refreshable && ask === null) return life(enrolment, telling);
  return [...life(enrolment, telling), "no refresh token, so it can't be rotated"];
}

/** How long the token in the files lives. */
function life({ expiresAt }: Enrolment, { now }: Telling): string[] {
  if (expiresAt === null) return [];
  const left = expiresAt.getTime() - now.getTime();
  return [left > 0 ? `token good for ${span(left)}` : `token expired ${moment(expiresAt, now)}`];
}

function kept(enrolment: Enrolment, telling: Telling): string {
  return ["nothing is deleted", ...life(enrolment, telling)].join(" · ");
}

function machineOf({ elsewhere }: Enrolment): string {
  return elsewhere ? harmless(elsewhere.machine) : "another machine";
}

function again({ againAt }: Enrolment, { now }: Telling, what: string): string {
  return againAt ? `${what} at ${moment(againAt, now)}` : "";
}

/** `3rd try at 14:20 (in 6 min) · Vault answered 503`. */
export function tellRetry({ tries, nextAt, message }: RetryReport, { now, agentRuns }: Telling): string[] {
  if (tries === 0) return ["waits for the session with Vault", harmless(message)];
  return [`${ordinal(tries + 1)} try ${tryTime(nextAt, now, agentRuns)}`, harmless(message)];
}

function tryTime(nextAt: Date, now: Date, agentRuns: boolean): string {
  if (!agentRuns) return "when an agent runs";
  return nextAt.getTime() > now.getTime() ? `at ${moment(nextAt, now)}` : "now";
}

/** Steps that go on behind an enrolment that is well. */
const CLEANING = ["revoke", "sweep", "release", "notify"];

/** What else belongs into the first line. */
function asides(enrolment: Enrolment): string[] {
  const { situation, files, cleanups } = enrolment;
  const written = situation === "active" && files.length > 0 ? [count(files.length, "file")] : [];
  const old = cleanups.length > 0 ? [`${count(cleanups.length, "old token")} still to be revoked`] : [];
  return [...written, ...circleAsides(enrolment), ...old];
}

function footnotes(enrolment: Enrolment, telling: Telling): string[][] {
  const { retries, clockSkewSeconds: skew, notices, stranger } = enrolment;
  const cleaning = retries.filter(({ step }) => CLEANING.includes(step));
  return [
    ...cleaning.map((retry) => [`revoking: ${tellRetry(retry, telling).join(" · ")}`]),
    ...outcomeTold(enrolment, telling),
    ...(skew === null ? [] : [[skewWords(enrolment.label, skew)]]),
    ...(stranger === null ? [] : strangerWords(stranger, telling)),
    ...circleFootnotes(enrolment, telling.now),
    ...termsFootnotes(enrolment),
    ...notices.map((notice) => [`note: ${harmless(notice)}`]),
  ];
}

function strangerWords({ did, version, since }: NonNullable<Enrolment["stranger"]>, { now }: Telling): string[][] {
  return [
    [
      `note: version ${version} was ${did} without the lease ${relative(since, now)}, by hand or by a program that knows none`,
    ],
    ["such a one (the dotvault in Go, say) may use up or remove the token of all machines: run one of them only"],
  ];
}

function skewWords(label: string, skew: number): string {
  const direction = skew > 0 ? "behind" : "ahead of";
  return `this machine's clock is ${span(skew * 1000)} ${direction} ${label}'s; reckoned with`;
}

function helped({ ask, run }: Enrolment): string[] {
  return [...said(ask?.hint), ...(run === null ? [] : [`run: ${run}`])];
}

function said(text: string | null | undefined, before = ""): string[] {
  return text ? [`${before}${harmless(text)}`] : [];
}

/** What `status` says of a file about which there is something to say. */
export function tellFile(file: FileReport, { now }: Telling): Told {
  const { path, failure, missingSince } = file;
  const notes = [editedWords(file, now), postWords(file, now)].filter((line) => line.length > 0);
  if (failure) {
    const since = `since ${moment(failure.since, now)}`;
    return told("not written", [[harmless(failure.message)], [...said(path), since], said(failure.hint), ...notes]);
  }
  if (file.state === "stopped")
    return told("stopped", [[...said(path), "written no more, by your wish"], takeBack(file)]);
  if (file.state !== "missing") return told(file.state === "current" ? "current" : "written", [said(path), ...notes]);
  const since = missingSince ? `since ${moment(missingSince, now)}` : "";
  const gone = `the secret ${harmless(file.secret ?? "")} is gone from the store`;
  return told("no secret", [[gone, since], [...said(path), "it stays as it is"], ...notes]);
}

function told(word: string, lines: readonly string[][]): Told {
  return { word, lines: lines.filter((line) => line.length > 0) };
}

function editedWords({ name, edited, answer }: FileReport, now: Date): string[] {
  if (edited === null) return [];
  const places = edited.keys.filter((key) => key !== "").map(harmless);
  const asked = answer?.given === "keep" ? "by your wish" : "on_edit: keep";
  const what = edited.kept ? `and it stays so (${asked})` : "it was put right";
  const run = answer === null ? [`answer: dotvault file keep|take-back|stop ${name}`] : [];
  return [`somebody else changed ${places.join(", ") || "it"} ${moment(edited.at, now)}`, what, ...run];
}

function takeBack({ name }: FileReport): string[] {
  return [`run: dotvault file take-back ${name}`];
}

function postWords({ post }: FileReport, now: Date): string[] {
  if (post === null) return [];
  if (post.state === "due") return [`the program after it is still to end, since ${moment(post.at, now)}`];
  return [`the program after it failed ${moment(post.at, now)}`, ...said(post.message)];
}

const TROUBLE_WORDS: Readonly<Record<string, string>> = {
  "key.missing": "missing",
  "store.unreachable": "unreachable",
  "store.unavailable": "unavailable",
  "store.sealed": "sealed",
  "store.throttled": "throttled",
  "store.denied": "denied",
  "store.token": "token refused",
  "store.no-token": "no token",
  "store.no-mount": "no such mount",
  "store.tls": "not trusted",
  "store.locked": "locked",
  "store.damaged": "damaged",
};

/** What `status` says of the store or the key. */
export function tellTrouble({ class: name, message, hint, since, about }: TroubleReport, { now }: Telling): Told {
  const first = [harmless(message), ...(since ? [`since ${moment(since, now)}`] : [])];
  const second = [...(about === "store" ? ["files stay as they are"] : []), ...said(hint)];
  return { word: TROUBLE_WORDS[name] ?? "trouble", lines: [first, second] };
}
