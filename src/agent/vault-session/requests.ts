import type { InboxRow, Journal, SecretRef } from "../../journal/port.ts";
import type { Life } from "../../machines/vault-session/context.ts";
import type { SessionEvent } from "../../machines/vault-session/events.ts";
import type { StepOptions } from "../actors.ts";
import type { WithoutTime } from "../task.ts";

/** What a person's login in another process came to; the token comes sealed with the journal's key. */
export type LoginReport =
  | {
      readonly kind: "granted";
      readonly token: SecretRef;
      readonly jwe: string;
      readonly life: Life;
      readonly who: string | null;
    }
  | { readonly kind: "kept"; readonly kept: SecretRef; readonly jwe: string }
  | { readonly kind: "refused"; readonly class?: string; readonly message: string; readonly hint: string }
  | { readonly kind: "given-up" };

interface Steps {
  step(event: WithoutTime<SessionEvent>, options: StepOptions): void;
}

/** Turns a person's request about the session into its event. */
export function takeLogin(session: Steps, journal: Pick<Journal, "refuse">, { id, verb, args }: InboxRow): void {
  const takes = id;
  const report: LoginReport | { readonly kind: "asked" } = verb === "login" ? { kind: "asked" } : (args as LoginReport);
  switch (report.kind) {
    case "asked":
      session.step({ type: "LOGIN_ASKED", person: args.person === true }, { takes });
      break;
    case "granted": {
      const { token, jwe, life, who } = report;
      session.step({ type: "LOGGED_IN", token, life, who }, { takes, sealed: [{ ref: token, jwe }] });
      break;
    }
    case "kept":
      session.step(
        { type: "LOGIN_KEPT", kept: report.kept },
        { takes, sealed: [{ ref: report.kept, jwe: report.jwe }] },
      );
      break;
    case "refused": {
      // An older one does not say which.
      const { class: kind = "login.refused", message, hint } = report;
      session.step({ type: "LOGIN_REFUSED", mark: "person", class: kind, message, hint, person: false }, { takes });
      break;
    }
    case "given-up":
      session.step({ type: "LOGIN_GIVEN_UP" }, { takes });
      break;
    default:
      journal.refuse(id, "the running agent knows no such login: is it an older dotvault?");
  }
}
