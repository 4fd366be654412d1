import assert from "node:assert/strict";
import fc from "fast-check";
import { sessionOf } from "../../src/commands/next/session.ts";
import { loginAfter } from "../../src/commands/plan/session.ts";
import { currentToken } from "../../src/machines/vault-session/context.ts";
import { ModelVault } from "../support/model/vault.ts";
import { property } from "../support/property.ts";
import { SessionStage } from "../support/vault-session.ts";

/** What the configuration says of the login. */
const wish = fc.record({
  method: fc.constantFrom("approle", "jwt", "oidc", null),
  identity: fc.constantFrom("one", "one", "two"),
  renews: fc.boolean(),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

function optionsOf(vault: ModelVault, { method, identity, renews }: Wish) {
  const needsPerson = method === "oidc";
  return { method: method === null ? undefined : { ...vault.method, name: method, needsPerson }, identity, renews };
}

property(
  "what plan says of the login at Vault is what comes of another configuration: it stays, comes by itself, or wants a person",
  [wish, wish, fc.record({ before: fc.boolean(), after: fc.boolean() }), fc.boolean()],
  async (first, second, brought, renewable) => {
    const now = { at: Date.UTC(2026, 10, 27) };
    const vault = new ModelVault({ ttl: 8 * 3600, renewable }, () => now.at);
    vault.give("own");
    const own = (is: boolean) => async () => (is ? { token: "own", source: "file" as const } : undefined);
    const stage = new SessionStage({
      ...{ client: vault.client, now: now.at },
      ...{ ...optionsOf(vault, first), brought: own(brought.before) },
    });
    try {
      await stage.token().catch(() => undefined);
      await stage.settle();
      const before = sessionOf(stage.journal, stage.session.stream) ?? assert.fail("no session");
      const had = currentToken(before.standing.snapshot.context);
      const known = before.standing.snapshot.context.settings ?? assert.fail("no settings");
      const { method, identity, renews } = second;
      const settings = { ...known, method, needsPerson: method === "oidc", identity, renews };
      // What a person takes away between the two is no part of the configuration.
      const stays = brought.before || brought.after;
      const plan = loginAfter(before.standing, settings, { at: now.at, isBrought: stays });
      const logins = vault.logins;
      stage.crash();
      stage.restart({ ...optionsOf(vault, second), brought: own(stays) });
      await stage.token().catch(() => undefined);
      await stage.settle();
      const has = currentToken(stage.session.snapshot.context);
      const isOwn = stays && !brought.before;
      assert.equal(vault.logins - logins, plan.login === "alone" ? 1 : 0, `${plan.login}: it logged in`);
      if (plan.login === "same" && !isOwn) assert.equal(has?.id, had?.id);
      if (plan.login === "token") assert.equal(has?.source, "file");
      if (plan.login === "person") assert.equal(has, null);
      if (plan.login !== "person") assert.ok(has, "a token was to be there");
      const renewsLater = stage.journal.wakes(stage.session.stream).some(({ name }) => name === "renew");
      if (plan.login === "same" && plan.endsAt !== null) assert.equal(renewsLater, false, "it gets more time");
      const isGivenUp = had?.source === "login" && stage.types().includes("GIVEN_BACK");
      assert.equal(plan.drops, isGivenUp, "whether a login was given up");
      return true;
    } finally {
      await stage.stop();
    }
  },
  { runs: 60 },
);
