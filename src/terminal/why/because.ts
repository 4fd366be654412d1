import { dotvault } from "../../shell.ts";
import { ASK_WORDS } from "../asks.ts";
import type { AgentReport, EnrolmentReport, RetryReport, TroubleReport, VaultReport } from "../status/report.ts";
import { tellVault } from "../status/session.ts";
import { tellRetry } from "../status/telling.ts";
import { harmless } from "../style.ts";
import { clock, moment, second } from "../times.ts";
import { sentWords } from "../unanswered.ts";

/** What a credential depends on, as `status` has it. */
export interface Standing {
  /** Null: the secret is no enrolment's. */
  readonly enrolment: EnrolmentReport | null;
  readonly vault: VaultReport | null;
  readonly troubles: readonly TroubleReport[];
  readonly agent: AgentReport;
  /** The newest thing that the journal says. */
  readonly asOf: Date | null;
}

/** Why there is no newer credential, or none that is stored, or none at all. */
export interface Because {
  readonly code: string;
  /** Half a sentence: `no agent has run since 09:14`. */
  readonly text: string;
  readonly hint: string | null;
  readonly run: string | null;
}

/** The end of the causal chain, in the order in which it would have to be mended; null: nothing stands in the way. */
export function because(standing: Standing, now: Date): Because | null {
  const { enrolment } = standing;
  return (
    (enrolment && ofPerson(enrolment, now)) ??
    ofAgent(standing, now) ??
    ofSession(standing, now) ??
    ofStore(standing, now) ??
    (enrolment && (underWay(enrolment, now) ?? asked(enrolment)))
  );
}

/** What no agent mends. */
function ofPerson({ situation, label, ask, run, name }: EnrolmentReport, now: Date): Because | null {
  switch (situation) {
    case "revoked":
      return why("refused", `${label} refused the token for good${ask ? ` ${clock(ask.since, now)}` : ""}`, {
        run,
        hint: ask?.message,
      });
    case "unenrolled":
    case "unenrolling":
      return why("un-enrolled", `${harmless(name)} was un-enrolled by your own word`, {
        run: dotvault("enrol", name),
      });
    case "paused":
      return why("paused", `${harmless(name)} stands in the configuration no more`, {});
    case "moved":
      return why("moved", "the configuration names another host, to which the token is not shown", { run });
    case "not-enrolled":
      return why(ask?.code ?? situation, ASK_WORDS[ask?.code ?? situation] ?? situation, { run, hint: ask?.hint });
    case "new":
    case "signing-in":
      return why(situation, "nobody has signed in yet", { run: dotvault("enrol", name) });
    default:
      return null;
  }
}

function ofAgent({ agent, asOf, enrolment }: Standing, now: Date): Because | null {
  if (agent.running) return null;
  const since = asOf === null ? "no agent has run yet" : `no agent has run since ${moment(asOf, now)}`;
  const out = enrolment?.unanswered;
  if (!out || out.state === "over") return why("no-agent", since, { run: "dotvault run" });
  const sent = `${sentWords(out, now)}; ${since}, and the next start asks what became of it`;
  return why("in-doubt", sent, { run: "dotvault run" });
}

function ofSession({ vault }: Standing, now: Date): Because | null {
  if (vault === null || vault.source !== null) return null;
  const { lines } = tellVault(vault, { now, agentRuns: true });
  const [first = [], ...more] = lines;
  const hint = more.flat().filter((part) => part !== "files stay as they are" && !part.startsWith("run: "));
  return why("no-session", `nobody is logged in to Vault (${first.join(", ")})`, {
    run: vault.run,
    hint: hint.join(" · "),
  });
}

function ofStore({ troubles }: Standing, now: Date): Because | null {
  const trouble = troubles.find(({ about }) => about === "store") ?? troubles[0];
  if (trouble === undefined) return null;
  const since = trouble.since === null ? "" : ` since ${moment(trouble.since, now)}`;
  return why(trouble.class, `${harmless(trouble.message)}${since}`, { hint: trouble.hint });
}

/** Steps that go on behind a credential that is well. */
const BEHIND = ["revoke", "sweep", "release", "notify"];

function underWay({ retries, unanswered, situation, elsewhere }: EnrolmentReport, now: Date): Because | null {
  const machine = harmless(elsewhere?.machine ?? "another machine");
  const retry = retries.find(({ step }) => !BEHIND.includes(step));
  if (retry !== undefined) return why(retry.class, tried(retry, now), {});
  if (unanswered?.state === "awaited")
    return why("in-doubt", `a rotation was sent at ${second(unanswered.sentAt, now)}, its answer is awaited`, {});
  if (unanswered?.state === "asking")
    return why("in-doubt", `${sentWords(unanswered, now)}; what became of it is being asked`, {});
  switch (situation) {
    case "waiting-for-machine":
      return why("held-elsewhere", `${machine} is rotating it`, {});
    case "held-elsewhere":
      return why("held-elsewhere", `${machine} rotated it and has not stored the new token yet`, {});
    case "in-doubt":
    case "second-look":
      return why("in-doubt", "it is being found out whether the service still knows it", {});
    case "rotating":
    case "storing":
    case "minting":
      return why("under-way", "a rotation is under way", {});
    default:
      return null;
  }
}

function tried(retry: RetryReport, now: Date): string {
  return tellRetry(retry, { now, agentRuns: true }).toReversed().join(", ");
}

function asked({ ask, run }: EnrolmentReport): Because | null {
  return ask && why(ask.code, ASK_WORDS[ask.code] ?? ask.code, { run, hint: ask.hint });
}

function why(
  code: string,
  text: string,
  { hint, run }: { readonly hint?: string | null | undefined; readonly run?: string | null },
): Because {
  return { code, text, hint: hint ? harmless(hint) : null, run: run ?? null };
}
