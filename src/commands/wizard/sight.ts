import type { Engine } from "../../adapters/engines/port.ts";
import type { Context, Session } from "../../machines/enrolment/context.ts";
import { stateName } from "../../machines/stream/state-name.ts";
import { ASK_WORDS } from "../../terminal/asks.ts";
import type { Sight, Stage } from "../../terminal/wizard/login.ts";
import type { Scene } from "../assembly/follow.ts";

const STAGES: readonly (readonly [prefix: string, Stage])[] = [
  ["active", "done"],
  ["idle.missing", "ended"],
  ["idle.unenrolled", "ended"],
  ["revoked", "ended"],
  ["session", "registering"],
  ["polling", "waiting"],
  ["exchanging.minting", "minting"],
  ["exchanging.storing", "storing"],
];

/**
 * What the journal shows of a login, once it was asked for.
 *
 * @param open the bytes of a sealed session; undefined when its life has ended
 */
export function sightOf(scene: Scene, engine: Engine, open: (session: Session) => string | undefined): Sight {
  const { snapshot, intents } = scene;
  const state = stateName(snapshot.value);
  const stage = STAGES.find(([prefix]) => state.startsWith(prefix))?.[1] ?? "looking";
  const { session, current } = snapshot.context;
  // Not before the service knows the session: its page would refuse it.
  const bytes = stage === "waiting" && session ? open(session) : undefined;
  const failure = intents.find((intent) => intent.failure !== null)?.failure;
  return {
    stage,
    link: bytes === undefined ? null : (engine.login?.(bytes) ?? null),
    until: session?.deadline ?? null,
    trouble: failure ? { class: failure.class, message: failure.message } : null,
    user: current?.user ?? null,
    reason: stage === "ended" ? reasonOf(state, snapshot.context) : null,
  };
}

function reasonOf(state: string, { ask }: Context): Sight["reason"] {
  if (state === "idle.unenrolled") return { message: "un-enrolled meanwhile", hint: null };
  if (ask === null) return null;
  const words = ask.code === "not-enrolled" ? "the login was given up" : ASK_WORDS[ask.code];
  return { message: ask.message ?? words ?? ask.code, hint: ask.hint };
}
