import type { VaultAnswer } from "../answer.ts";
import { judgeLogin } from "./answer.ts";
import type { LoginPorts, LoginResult } from "./method.ts";
import { passSecondFactor, secondFactorOf } from "./second-factor.ts";

/**
 * The end of every login: its answer is a token, a refusal, or the request for a second factor, which the person gives if
 * there is one. Throws {@link StoreFailure} where the answer says nothing about the login.
 */
export async function concludeLogin(
  answer: VaultAnswer,
  mount: string,
  askedAt: number,
  ports: LoginPorts,
): Promise<LoginResult> {
  const asked = secondFactorOf(answer);
  if (asked === undefined) return judgeLogin(answer, mount, askedAt);
  if (ports.person !== undefined) return passSecondFactor(asked, mount, ports, ports.person);
  return {
    kind: "refused",
    class: "login.second-factor",
    message: `the login at auth/${mount} asks for a second factor`,
    hint: "run: dotvault login",
    wantsPerson: true,
  };
}
