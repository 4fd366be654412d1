import { createDesktop } from "../../adapters/desktop/desktop.ts";
import type { Log, World } from "../../agent/ports.ts";
import { dotvault } from "../../shell.ts";
import { storeNotice } from "../../terminal/need.ts";
import { noticeText } from "../../terminal/notice.ts";
import type { Io } from "../cli/io.ts";

/** Tells the person what the agent has for them: in its log, and on the desktop where there is one. */
export function notifiers(io: Io, log: Log): Pick<World, "notify" | "notifyStore"> {
  const desktop = createDesktop(io.platform, io.env);
  const hasWizard = io.err.isTerminal && io.input.isTerminal;
  const notify: World["notify"] = async (enrolment, code, context) => {
    // It stands on the screen in front of them.
    if (hasWizard && code === "not-enrolled") return;
    const { current, held, skew, unanswered } = context;
    const expiresAt = (held ?? current)?.expiresAt;
    const ends = expiresAt === undefined ? null : expiresAt - skew;
    const run = remedy(enrolment, code);
    const text = noticeText({ enrolment, code, expiresAt: ends, run, unanswered }, new Date(io.now()));
    if (code === "answer-lost") log.info({ enrolment, code }, text);
    else log.warn({ enrolment, code }, text);
    await desktop.notify("dotvault", text);
  };
  return {
    notify,
    async notifyStore(trouble) {
      const text = storeNotice(trouble);
      log.warn({ class: trouble.class }, text);
      await desktop.notify("dotvault", text);
    },
  };
}

/** An active enrolment is signed in anew only with `--again`. */
const WHILE_ACTIVE: readonly string[] = ["no-refresh-token", "moved"];

function remedy(enrolment: string, code: string): string {
  return dotvault("enrol", enrolment, ...(WHILE_ACTIVE.includes(code) ? ["--again"] : []));
}
