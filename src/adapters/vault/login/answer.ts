import type { VaultAnswer } from "../answer.ts";
import { asDocument } from "../documents.ts";
import { fromAnswer, serverWords } from "../failures.ts";
import { lifeFrom } from "../life.ts";
import type { LoginResult } from "./method.ts";

/**
 * What a login's answer means. Throws {@link StoreFailure} where it says nothing about the login: an outage, a sealed
 * server, too many requests.
 *
 * @param mount the auth method's, for people
 * @param askedAt when the request was sent, milliseconds since the epoch
 */
export function judgeLogin(answer: VaultAnswer, mount: string, askedAt: number): LoginResult {
  const life = answer.status === 200 ? lifeFrom(asDocument(answer.body)?.auth, askedAt) : undefined;
  if (life !== undefined) return { kind: "granted", life };
  if (answer.status === 200) {
    return {
      kind: "refused",
      class: "login.no-token",
      message: `vault gave no token for the login at auth/${mount}`,
      hint: "a method that asks for a second factor can't be used without a person: put a token into ~/.dotvault-token",
    };
  }
  if (!saysSomething(answer)) throw fromAnswer(answer, { capability: "update", path: `auth/${mount}/login` });
  const why = serverWords(answer) || String(answer.status);
  return {
    kind: "refused",
    class: `login.refused.${answer.status}`,
    message: `vault refuses the login at auth/${mount}: ${why}`,
    hint: "check vault.auth_mount, vault.auth_role and the files that vault names; what changes there is tried at once",
  };
}

function saysSomething(answer: VaultAnswer): boolean {
  return [400, 401, 403, 404].includes(answer.status) && !/waiting for the primary/i.test(serverWords(answer));
}
