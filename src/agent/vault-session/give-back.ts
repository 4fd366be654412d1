import { StoreFailure } from "../../adapters/store-port.ts";
import type { VaultClient } from "../../adapters/vault/client.ts";
import { revokeSelf } from "../../adapters/vault/self.ts";
import { DotvaultError } from "../../errors.ts";
import type { Way } from "../../machines/vault-session/context.ts";
import type { SessionEvent } from "../../machines/vault-session/events.ts";
import type { Intents } from "../../machines/vault-session/intents.ts";
import type { Sealing } from "../carry-out.ts";
import type { Outcome } from "../task.ts";

/** A client for a server that may not be the configuration's any more. */
export type Reach = (way: Way) => Promise<{ readonly client: VaultClient; close(): Promise<void> }>;

/** One try to revoke a token that nobody will use any more. */
export interface Return {
  readonly reach: Reach;
  readonly params: Intents["giveBack"];
  readonly sealing: Sealing;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Best effort: after `until` what failed is on record as such. Throws {@link StoreFailure} where a later try may do better. */
export async function giveBack(asked: Return): Promise<Outcome<SessionEvent>> {
  const { params, now } = asked;
  const { id } = params;
  try {
    const token = asked.sealing.open(params.ref).toString("utf8");
    const how = await revokedAt(asked, token);
    return { kind: "event", event: { type: "GIVEN_BACK", id, how } };
  } catch (error) {
    if (!(error instanceof StoreFailure || error instanceof DotvaultError)) throw error;
    const name = error instanceof StoreFailure ? error.class : error.code;
    if (PASSES.test(name) && now < params.until) throw error;
    return { kind: "event", event: { type: "NOT_GIVEN_BACK", id, class: name, message: error.message } };
  }
}

/** What time alone may mend. */
const PASSES = /^store\.(unreachable|unavailable|sealed|throttled|odd-answer|tls)$/;

async function revokedAt({ reach, params, signal }: Return, token: string): Promise<"revoked" | "gone"> {
  const { client, close } = await reach(params.way);
  try {
    return await revokeSelf({ client, token, signal });
  } finally {
    await close();
  }
}
