import { StoreFailure, type StoreFailureClass } from "../../adapters/store-port.ts";
import type { OpenIntent } from "../../journal/port.ts";
import { stateName } from "../../machines/stream/state-name.ts";
import type { SessionSnapshot } from "../../machines/vault-session/decide.ts";

/** Why there is no token, and what to do: for whoever needs one. It waits for the session, whatever the reason. */
export function noToken(snapshot: SessionSnapshot, login: OpenIntent | undefined): StoreFailure {
  const { failureClass, message, hint } = reasonOf(snapshot, login?.failure ?? null);
  return new StoreFailure(failureClass, message, { waitsForSession: true, ...(hint === undefined ? {} : { hint }) });
}

interface Reason {
  readonly failureClass: StoreFailureClass;
  readonly message: string;
  readonly hint?: string;
}

const BRING = "put one into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN";

function reasonOf({ value, context }: SessionSnapshot, failure: OpenIntent["failure"]): Reason {
  if (failure !== null) return { failureClass: failure.class as StoreFailureClass, message: failure.message };
  const { settings, refusal } = context;
  const hint = settings?.method === null ? BRING : "run: dotvault login";
  switch (stateName(value)) {
    case "refused":
      return { failureClass: "store.token", message: refusal?.message ?? "", hint: refusal?.hint ?? hint };
    case "expired":
      return { failureClass: "store.token", message: DEAD, hint };
    case "signingIn.person":
      return { failureClass: "store.no-token", message: "somebody is logging in to Vault", hint };
    case "signingIn.pausing":
      return {
        failureClass: "store.unavailable",
        message: "the answer to a login at Vault was lost; it is tried again",
      };
    case "signingIn.asking":
      return { failureClass: "store.unavailable", message: "logging in to Vault" };
    default:
      return settings?.method === null
        ? { failureClass: "store.no-token", message: "no Vault token", hint }
        : { failureClass: "store.no-token", message: "nobody is logged in to Vault", hint };
  }
}

const DEAD = "vault does not accept the token: expired, revoked or mistyped";
