import { judgeLogin } from "./answer.ts";
import type { LoginMethod } from "./method.ts";
import { lineOf, markOf } from "./read.ts";
import { unwrapped } from "./unwrap.ts";

/** A token that somebody made for us and handed over wrapped: `bao token create -wrap-ttl=10m`. Opened once. */
export function wrappedTokenLogin(file: string): LoginMethod {
  return {
    name: "token",
    needsPerson: false,
    fingerprint: async () => JSON.stringify(["wrapped", await markOf(file)]),
    async login({ client, now, signal }) {
      const token = await lineOf(file);
      const askedAt = now();
      const isExpected = (path: string) => /^auth\/token\/create(-orphan|\/[^/]+)?$/.test(path);
      const wrapping = { token, isExpected, expected: "auth/token/create" };
      const answer = await unwrapped(client, wrapping, signal);
      return "kind" in answer ? answer : judgeLogin(answer, "token", askedAt);
    },
  };
}
