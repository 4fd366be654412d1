import { StoreFailure } from "../../adapters/store-port.ts";
import { requireReady } from "../../adapters/vault/health.ts";
import type { Life as ServerLife } from "../../adapters/vault/life.ts";
import type { LoginResult } from "../../adapters/vault/login/method.ts";
import { lookupSelf, renewSelf } from "../../adapters/vault/self.ts";
import { DotvaultError } from "../../errors.ts";
import type { OpenIntent, SecretRef } from "../../journal/port.ts";
import type { Life } from "../../machines/vault-session/context.ts";
import type { SessionEvent } from "../../machines/vault-session/events.ts";
import type { About, IntentKind, Intents } from "../../machines/vault-session/intents.ts";
import type { Sealing } from "../carry-out.ts";
import type { World } from "../ports.ts";
import type { Outcome } from "../task.ts";
import { giveBack } from "./give-back.ts";
import type { VaultPort } from "./port.ts";

/** One open intent of the session in hand. */
export interface SessionTask {
  readonly port: VaultPort;
  readonly world: Pick<World, "clock" | "log">;
  readonly intent: OpenIntent;
  readonly sealing: Sealing;
  readonly signal: AbortSignal;
  /** The bytes of a token; undefined where they are not to be had any more. */
  tokenOf(about: About): Promise<string | undefined>;
}

type SessionOutcome = Outcome<SessionEvent>;

export async function performSession(task: SessionTask): Promise<SessionOutcome> {
  const { kind, params } = task.intent;
  switch (kind as IntentKind) {
    case "login":
      return login(task, (params as unknown as Intents["login"]).kept);
    case "renew":
      return withToken(task, params as unknown as About, renew);
    case "lookup":
      return withToken(task, params as unknown as About, lookup);
    case "giveBack":
      return giveBack({ ...task, reach: task.port.reach, params: params as never, now: task.world.clock.now() });
    default:
      throw new DotvaultError("agent.no-performer", `nobody performs "${kind}"`);
  }
}

/** Nothing is shown to a server that would not answer: only then a lost answer is what it seems. */
async function login(task: SessionTask, kept: SecretRef | null): Promise<SessionOutcome> {
  const { port, signal, world, sealing } = task;
  const { method, client } = port;
  if (method === undefined) throw new DotvaultError("agent.no-method", "the configuration knows no login any more");
  await requireReady(client, signal);
  const mark = port.mark(await method.fingerprint());
  const warn = (message: string) => world.log.warn({}, message);
  const had = kept === null ? undefined : readable(sealing, kept);
  try {
    const result = await method.login({
      client,
      now: () => world.clock.now(),
      signal,
      warn,
      ...(had && { kept: had }),
    });
    return outcomeOf(result, mark, sealing);
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    const { class: kind, message, hint, sent, retryAfterMs } = error;
    return { kind: "trouble", class: kind, message, hint, sent, retryAfterMs };
  }
}

/** A row that is damaged never will be opened; then what was kept is got anew, or the server says that it can't be. */
function readable(sealing: Sealing, ref: SecretRef): Buffer | undefined {
  try {
    return sealing.open(ref);
  } catch (error) {
    if (error instanceof DotvaultError && /^(secret|seal)\./.test(error.code)) return undefined;
    throw error;
  }
}

function outcomeOf(result: LoginResult, mark: string, sealing: Sealing): SessionOutcome {
  switch (result.kind) {
    case "granted": {
      const token = sealing.keep("vaultToken", Buffer.from(result.life.token, "utf8"));
      return happened({ type: "LOGGED_IN", token, life: lifeOf(result.life), who: result.life.who ?? null });
    }
    case "kept":
      return happened({ type: "LOGIN_KEPT", kept: sealing.keep("wrapped", result.secret) });
    case "refused":
      return happened({ type: "LOGIN_REFUSED", mark, ...refusalOf(result) });
  }
}

/** What the journal keeps of a refusal. */
export function refusalOf(refused: Extract<LoginResult, { kind: "refused" }>) {
  const { class: kind, message, hint, wantsPerson = false } = refused;
  return { class: kind, message, hint, person: wantsPerson };
}

/** As the journal spells it: whole milliseconds, and JSON knows no infinity. */
export function lifeOf({ expiresAt, dueAt, renewable }: ServerLife): Life {
  const finite = (time: number) => (Number.isFinite(time) ? Math.floor(time) : null);
  return { expiresAt: finite(expiresAt), dueAt: finite(dueAt), renewable };
}

async function withToken(
  task: SessionTask,
  about: About,
  work: (task: SessionTask, id: string, token: string) => Promise<SessionOutcome>,
): Promise<SessionOutcome> {
  const token = await task.tokenOf(about);
  // Replaced meanwhile: whoever looks next tells the machine.
  if (token === undefined) return { kind: "again", after: 1000 };
  return work(task, about.id, token);
}

async function renew(task: SessionTask, id: string, token: string): Promise<SessionOutcome> {
  const renewal = await renewSelf(selfOf(task, token));
  switch (renewal.kind) {
    case "renewed":
      return happened({ type: "RENEWED", id, life: lifeOf(renewal.life) });
    case "denied":
      return happened({ type: "NOT_RENEWED", id, class: renewal.class, message: renewal.message });
    case "dead":
      return happened({ type: "TOKEN_DIED", id });
  }
}

async function lookup(task: SessionTask, id: string, token: string): Promise<SessionOutcome> {
  const looked = await lookupSelf(selfOf(task, token));
  if (looked.kind === "dead") return happened({ type: "TOKEN_DIED", id });
  return happened({ type: "LOOKED_UP", id, life: looked.life ? lifeOf(looked.life) : null, who: looked.who ?? null });
}

function selfOf({ port, world, signal }: SessionTask, token: string) {
  return { client: port.client, token, now: () => world.clock.now(), signal };
}

type Happening = Extract<SessionOutcome, { kind: "event" }>["event"];

function happened(event: Happening): SessionOutcome {
  return { kind: "event", event };
}
