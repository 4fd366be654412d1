import { afterEach } from "node:test";
import type { VaultAnswer } from "../../src/adapters/vault/answer.ts";
import type { VaultClient, VaultRequest } from "../../src/adapters/vault/client.ts";
import type { LoginMethod } from "../../src/adapters/vault/login/method.ts";
import { unattendedLogin } from "../../src/adapters/vault/login/unattended.ts";
import { SessionStage } from "./vault-session.ts";

/** A session whose server answers by a script. Its stages end with each test. */

export type Answer = { readonly status: number; readonly body?: unknown };
export type Answers = (request: VaultRequest) => Answer | Promise<Answer>;

const stages: SessionStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.stop();
});

export const LOGIN = "auth/ci/login";
export const RENEW = "auth/token/renew-self";
export const MINUTE = 60_000;

export function sessionOf(answers: Answers, more: { renews?: boolean; method?: LoginMethod } = {}) {
  const asked: string[] = [];
  const client: VaultClient = {
    async call(request): Promise<VaultAnswer> {
      if (request.path.startsWith("sys/health")) {
        const { status = 200 } = request.path === "" ? {} : await health(answers, request);
        return { status, headers: {}, serverTime: 0, body: undefined };
      }
      asked.push(request.path);
      return { headers: {}, serverTime: 0, body: undefined, ...(await answers(request)) };
    },
  };
  const method = more.method ?? unattendedLogin("ci", { method: "jwt", jwt: "x" });
  const stage = new SessionStage({ client, method, renews: more.renews ?? true, now: 0 });
  stages.push(stage);
  const logins = () => asked.filter((path) => path === LOGIN).length;
  return { stage, asked, logins };
}

/** A server that is down says so here, too; the rest of the script knows nothing of health. */
async function health(answers: Answers, request: VaultRequest): Promise<{ status?: number }> {
  const { status } = await answers(request);
  return status >= 500 ? { status } : {};
}

export const auth = (token: string, seconds: number, renewable = true): Answer => ({
  status: 200,
  body: { auth: { client_token: token, lease_duration: seconds, renewable } },
});
export const HEALTHY = { status: 200 };
