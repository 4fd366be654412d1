import { ASK_WORDS } from "../asks.ts";
import { harmless } from "../style.ts";
import { clock, countdown, moment, relative, second } from "../times.ts";
import { sentWords } from "../unanswered.ts";
import type { EnrolmentReport } from "./report.ts";
import { life, said, type Telling, tryTime } from "./telling.ts";

type Enrolment = EnrolmentReport;

/** An enrolment's situation: a state word, the line beside its name, and those below. */
interface Words {
  readonly word: string;
  readonly first: readonly string[];
  readonly more?: readonly (readonly string[])[];
}

export const SITUATIONS: { readonly [S in Enrolment["situation"]]: (enrolment: Enrolment, telling: Telling) => Words } =
  {
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
      first: [
        "the configuration names another host; the token of the old one is not shown to it",
        `sign in at ${label}`,
      ],
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

function kept(enrolment: Enrolment, telling: Telling): string {
  return ["nothing is deleted", ...life(enrolment, telling)].join(" · ");
}

function machineOf({ elsewhere }: Enrolment): string {
  return elsewhere ? harmless(elsewhere.machine) : "another machine";
}

function again({ againAt }: Enrolment, { now }: Telling, what: string): string {
  return againAt ? `${what} at ${moment(againAt, now)}` : "";
}
