import assert from "node:assert/strict";
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { lockStore } from "../../src/commands/demo/store-lock.ts";
import { deriveKey, parseKey } from "../../src/seal/key.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import { enrolled, type Machine, makeMachine, startPlatform, untilSettled } from "../support/agent-process.ts";
import { configText, type Home, jfRule, jfrogWish } from "../support/home.ts";
import { findLeaks, type Leak } from "../support/leaks.ts";

const FILE = "jfrog-cli.conf.v6";
/** A file, and its older versions, that a program prints after every change. */
const PRINTED = "token.ini";
const printing = {
  name: "printing",
  vault_key: "jfrog",
  target: {
    path: `~/${PRINTED}`,
    format: "ini",
    template: "token = {{ .access_token }}",
    backup: 2,
    managed: "strict",
  },
  post: ["cat", PRINTED],
};

/** What stands nowhere: neither in what dotvault keeps nor in what it ever printed. A kill may leave a file half replaced. */
function leaks({ home, outputs }: Machine, platform: Simulator, options: { killed?: boolean } = {}): Leak[] {
  const enrolments = outputs.filter(({ name }) => name === "enrol.err").map(({ path }) => path);
  const tokens = new Set(platform.secrets().filter((secret) => secret.startsWith("eyJ")));
  return findLeaks(
    [home.directory, home.printed],
    { secrets: platform.secrets(), keys: keysOf(home) },
    (file, secret) => {
      if (file.endsWith(FILE) || file.includes(PRINTED)) return tokens.has(secret);
      if (options.killed && isTemporaryOf(FILE, file)) return tokens.has(secret);
      // The person's own command shows the person's own login.
      if (enrolments.includes(file)) return isSession(secret, platform);
      return file === home.where.key;
    },
  );
}

/** Beside the file, and readable for its owner only: the next start removes it. */
function isTemporaryOf(name: string, file: string): boolean {
  const isNamedSo = basename(file).startsWith(`.dotvault-${name}-`) && file.endsWith(".tmp");
  return isNamedSo && (statSync(file).mode & 0o777) === 0o600;
}

/** The key's own bytes and those that are derived from it. */
function keysOf({ where }: Home): Buffer[] {
  const line = readFileSync(where.key, "utf8");
  const derived = ["seal", "chain", "files"].map((purpose) => deriveKey(parseKey(line), purpose).export());
  return [Buffer.from(line.trim().split(":")[1] ?? "", "base64url"), ...derived];
}

function isSession(secret: string, { ledger }: Simulator): boolean {
  return secret.length === 36 && ledger.byRefreshToken(secret) === undefined;
}

describe("no secret leaves its place", { concurrency: 2 }, () => {
  test("after enrolments, rotations, crashes, an un-enrolment and every report, nothing is found", async (t) => {
    const platform = await startPlatform(t, { referenceTokens: "always" });
    const machine = makeMachine(t, configText(jfrogWish(platform.url, { rules: [jfRule(), printing] })));
    assert.equal((await machine.verb("enrol", "jfrog")).code, 0);
    const agent = machine.run();
    await machine.untilState("active.resting");
    const held = platform.inject({ on: "refresh", kind: "hold", when: "after" });
    await machine.ask("refresh", { name: "jfrog" });
    await held.struck();
    const letGo = lockStore(machine.home.where.store);
    held.release();
    await machine.until("the store refuses", (reader) =>
      reader.openIntents().some(({ kind, failure }) => kind === "store" && failure),
    );
    await agent.kill();
    assert.deepEqual(leaks(machine, platform, { killed: true }), [], "at the moment of the crash");
    letGo();
    const next = machine.run();
    await untilSettled(machine, platform);
    platform.inject({
      on: "any",
      kind: "status",
      status: 500,
      text: platform.secrets().join(" "),
      contentType: "text/plain",
    });
    assert.ok((await machine.verb("refresh", "jfrog")).code !== null);
    await untilSettled(machine, platform);
    platform.inject({ on: "refresh", kind: "cut", where: "json" });
    await machine.verb("refresh", "jfrog");
    await machine.untilState("revoked");
    for (const verb of [
      ["status", "--json"],
      ["status"],
      ["log", "jfrog", "--json"],
      ["log"],
      ["export", "jfrog"],
      ["report"],
      ["journal", "check"],
    ])
      assert.ok([0, 3].includes((await machine.verb(...verb)).code ?? -1), verb.join(" "));
    await machine.verb("enrol", "jfrog");
    await machine.verb("revoke", "jfrog");
    for (const verb of ["run", "sync"]) await machine.verb(verb, "--dry-run");
    await next.kill();
    assert.ok(platform.secrets().length > 12);
    assert.ok(machine.events("POST_RAN").length > 0, "it was printed");
    assert.match(next.err(), /"printed":"token = ••••"/);
    assert.deepEqual(leaks(machine, platform), []);
    // A checkpoint moves what the write-ahead log still held.
    await machine.verb("run", "--once");
    assert.deepEqual(leaks(machine, platform), []);
  });

  test("in the middle of a login, and behind it: no page of the journal has a secret, kept or freed, and none that is over is sealed there", async (t) => {
    const platform = await startPlatform(t, { autoApprove: null });
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    let agent = machine.run();
    await machine.untilState("idle.missing");
    const mint = platform.inject({ on: "mint", kind: "hold", when: "after" });
    await machine.ask("enrol", { name: "jfrog" });
    await machine.untilState("polling");
    const sealed = new Set<string>();
    const look = async (kind: string) => {
      await machine.until(`${kind} sealed`, (reader) => {
        const refs = reader.sealedRefs().filter((ref) => ref.kind === kind);
        for (const { id } of refs) sealed.add(reader.sealed(id) ?? "");
        return refs.length > 0;
      });
      assert.ok(platform.secrets().length > 0);
      assert.deepEqual(leaks(machine, platform), [], `while a ${kind} is sealed`);
    };
    await look("session");
    platform.approve();
    await mint.struck();
    await look("bootstrap");
    const letGo = lockStore(machine.home.where.store);
    mint.release();
    await look("pair");
    await agent.kill();
    assert.deepEqual(leaks(machine, platform), [], "at a kill");
    letGo();
    agent = machine.run();
    await untilSettled(machine, platform);
    await machine.until("what is over has left the disk beside the agent", (reader) => {
      const alive = reader.sealedRefs().map(({ id }) => reader.sealed(id));
      const secrets = [...sealed].filter((jwe) => !alive.includes(jwe));
      return secrets.length >= 2 && findLeaks([machine.home.where.stateDir], { secrets }).length === 0;
    });
    for (let rotation = 0; rotation < 2; rotation++) {
      assert.equal((await machine.verb("refresh", "jfrog")).code, 0);
      await untilSettled(machine, platform);
    }
    await agent.stop();
    const kept = await machine.until("kept", (reader) => reader.kept("enrolment/jfrog", reader.lastSeq()));
    assert.ok(kept.row.version > 1);
    assert.equal((await machine.verb("journal", "compact", "--older-than", "0s")).code, 0);
    await machine.verb("run", "--once");
    assert.deepEqual(leaks(machine, platform), [], "behind it, and compacted");
    assert.ok(sealed.size >= 3);
    assert.deepEqual(findLeaks([machine.home.where.stateDir], { secrets: [...sealed] }), [], "what was sealed is gone");
  });

  test("a planted token, a planted session and a planted key turn it red", async (t) => {
    const platform = await startPlatform(t);
    const machine = makeMachine(t, configText(jfrogWish(platform.url)));
    const agent = await enrolled(machine, platform);
    await agent.kill();
    assert.deepEqual(leaks(machine, platform), []);
    const planted = platform.secrets();
    const [key] = keysOf(machine.home);
    const places = [
      `${machine.home.where.journal}-wal`,
      machine.outputs[1]?.path ?? "",
      join(machine.home.directory, "core"),
    ];
    for (const place of places) appendFileSync(place, `x${planted.join(" ")} ${key?.toString("hex")}`);
    const found = leaks(machine, platform);
    for (const place of places) {
      const here = found.filter(({ file }) => file === place).map(({ what }) => what);
      for (const index of planted.keys()) assert.ok(here.includes(`secret ${index}`), `secret ${index} in ${place}`);
      assert.ok(here.includes("the key in hex"));
    }
  });
});
