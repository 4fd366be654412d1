import type { Enrolment } from "../../agent/ports.ts";
import { postRequest } from "../../journal/request.ts";
import { checking, missingLine } from "../../terminal/wizard/words.ts";
import { pathsOf } from "../assembly/config.ts";
import { type Asking, journalOf, taken } from "../assembly/follow.ts";
import type { Host } from "../assembly/host.ts";
import type { Io } from "../cli/io.ts";
import { settledState } from "./begin.ts";
import { Guide } from "./guide.ts";
import type { LiveScreen } from "./live-screen.ts";

/** What `run` does on a terminal: all that is missing, all at once, while the agent goes on. */
export async function enrolMissing({ agent, real }: Host, io: Io, screen: LiveScreen, signal: AbortSignal) {
  screen.write(checking);
  const where = pathsOf(io);
  // A connection of its own: the agent's does not see its own commits as news.
  const reader = await journalOf(where);
  const asking: Asking = {
    reader,
    async ask(verb, args) {
      const request = postRequest({ directory: where.stateDir, clock: io.now }, verb, args);
      agent.ring();
      return request;
    },
  };
  const guide = new Guide({ agent: asking, sealer: real.world.sealer, io, screen });
  const begin = async (enrolment: Enrolment) => {
    const { name, engine } = enrolment;
    // One that needs nobody has begun by itself; a token that was refused is not presented once more.
    if (engine.unattended === true) return;
    if ((await settledState(asking, name, signal)) !== "idle.missing") return;
    screen.write(missingLine(name, engine.label));
    guide.add(enrolment);
    await taken(asking, await asking.ask("enrol", { name, again: false }));
    guide.begun(enrolment);
  };
  try {
    await guide.follow(Promise.all(real.plan.enrolments.map(begin)), signal);
  } finally {
    reader.close();
  }
}
