import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Switches, startSimulator } from "../../src/simulator/simulator.ts";
import type { Finding } from "../../src/terminal/doctor.ts";
import { Stage } from "../contract/command-stage.ts";
import { configText, jfrogWish } from "../support/home.ts";
import { type OpenBao, seal, startOpenBao, tokenWith } from "../support/openbao.ts";

const NOBODY_LISTENS = "http://127.0.0.1:1";

/** What `doctor` finds, by `about name`. */
async function walk(stage: Stage, env: Record<string, string> = {}): Promise<{ code: number; found: Finding[] }> {
  const { code, out, err } = await stage.type("dotvault doctor --json", { env: { NO_PROXY: "*", ...env } });
  assert.equal(err, "");
  return { code, found: JSON.parse(out).findings };
}

function badOnes(found: readonly Finding[]): string[] {
  return found.filter(({ verdict }) => verdict === "bad").map(({ about, name }) => `${about} ${name}`.trim());
}

function only(found: readonly Finding[], about: string, name?: string): Finding {
  const matching = found.filter((finding) => finding.about === about && (name === undefined || finding.name === name));
  const worst =
    matching.find(({ verdict }) => verdict === "bad") ?? matching.find(({ verdict }) => verdict === "warning");
  assert.ok(worst, `${about} ${name ?? ""} in ${JSON.stringify(found)}`);
  return worst;
}

async function staged(work: (stage: Stage, url: string) => Promise<void>, switches: Partial<Switches> = {}) {
  await using platform = await startSimulator({ switches });
  using stage = new Stage(Date.now());
  stage.configure(configText(jfrogWish(platform.url)));
  await work(stage, platform.url);
}

test("all is well: every check is told, and the exit code is 0", async () => {
  await staged(async (stage) => {
    stage.journal.setFact("a", 1);
    stage.agentRuns();
    const { code, found } = await walk(stage);
    assert.deepEqual(badOnes(found), []);
    assert.equal(code, 0);
    const abouts = new Set(found.map(({ about }) => about));
    assert.deepEqual([...abouts].sort(), ["agent", "config", "file", "journal", "key", "service", "store"]);
    assert.ok(found.every(({ fix }) => fix === null));
  });
});

test("no configuration, a wrong one, one that anybody can change", async () => {
  using stage = new Stage(Date.now());
  assert.match(only((await walk(stage)).found, "config").fix ?? "", /dotvault init/);
  stage.configure("rules: 7");
  const wrong = await walk(stage);
  assert.deepEqual([wrong.code, only(wrong.found, "config").fix], [1, "dotvault check"]);
  stage.configure("{}");
  chmodSync(stage.where.userConfig, 0o666);
  assert.match(only((await walk(stage)).found, "config").fix ?? "", /^chmod go-w /);
});

test("a key that is gone, one that others can read, a journal that is damaged", async () => {
  await staged(async (stage) => {
    stage.journal.setFact("a", 1);
    chmodSync(stage.where.key, 0o644);
    const exposed = only((await walk(stage)).found, "key");
    assert.equal(exposed.verdict, "bad");
    assert.match(exposed.fix ?? "", /chmod/);
    rmSync(stage.where.key);
    assert.match(only((await walk(stage)).found, "key").fix ?? "", /restore .* from a backup/);
  });
  await staged(async (stage) => {
    stage.journal.setFact("a", 1);
    stage.journal.close();
    writeFileSync(stage.where.journal, "this is no database at all, it only lies where one should");
    const { code, found } = await walk(stage);
    assert.equal(code, 1);
    assert.equal(only(found, "journal").verdict, "bad");
  });
});

test("no agent runs: worth a look, with the command", async () => {
  await staged(async (stage) => {
    const { code, found } = await walk(stage);
    assert.deepEqual([code, only(found, "agent").verdict], [0, "warning"]);
    assert.match(only(found, "agent").fix ?? "", /dotvault service install/);
  });
});

test("a proxy that is none", async () => {
  await staged(async (stage) => {
    const { found } = await walk(stage, { HTTPS_PROXY: "ftp://nowhere" });
    assert.match(only(found, "proxy").fix ?? "", /HTTPS_PROXY=http/);
  });
});

test("a platform that is away, is none, is too old, has another clock", async () => {
  using away = new Stage(Date.now());
  away.configure(configText(jfrogWish(NOBODY_LISTENS)));
  assert.match(only((await walk(away)).found, "service", "jfrog").message, /no connection/);
  await staged(
    async (stage) => {
      const { code, found } = await walk(stage);
      assert.deepEqual([code, badOnes(found)], [1, ["service jfrog"]]);
      assert.match(only(found, "service").fix ?? "", /7\.64\.0 or newer/);
    },
    { version: "7.41.12" },
  );
  await staged(
    async (stage) => {
      const { code, found } = await walk(stage);
      assert.deepEqual([code, only(found, "clock").verdict], [0, "warning"]);
      assert.match(only(found, "clock").message, /10 min behind/);
    },
    { clockSkewMs: 10 * 60_000 },
  );
});

test("targets: a directory, a read-only file, one that others can read, a folder that is none of ours", async () => {
  await staged(async (stage) => {
    const target = join(stage.home, ".jfrog/jfrog-cli.conf.v6");
    const put = (make: () => void) => {
      rmSync(dirname(target), { recursive: true, force: true });
      mkdirSync(dirname(target));
      make();
    };
    const verdict = async () => {
      const { verdict: found, fix } = only((await walk(stage)).found, "file");
      return [found, fix];
    };
    put(() => mkdirSync(target));
    assert.deepEqual(await verdict(), ["bad", "name another path in the rule"]);
    put(() => writeFileSync(target, "{}", { mode: 0o400 }));
    assert.match(String((await verdict())[1]), /^chmod u\+w /);
    put(() => writeFileSync(target, "{}", { mode: 0o644 }));
    const [warned, fix] = await verdict();
    assert.equal(warned, "warning");
    assert.match(String(fix), /^chmod 600 /);
    put(() => {
      writeFileSync(join(stage.home, "real"), "{}", { mode: 0o600 });
      symlinkSync(join(stage.home, "real"), target);
    });
    assert.deepEqual(badOnes((await walk(stage)).found), [], "a link to a file of ours is a file of ours");
  });
});

describe("Vault", () => {
  let bao: OpenBao;
  before(async () => {
    bao = await startOpenBao();
  });
  after(() => bao.kill());

  const withVault = async (address: string, token: string | undefined, more: object = {}) => {
    await using platform = await startSimulator();
    using stage = new Stage(Date.now());
    const written = JSON.parse(configText(jfrogWish(platform.url, { vault: { address } })));
    stage.configure(JSON.stringify({ ...written, vault: { ...written.vault, ...more } }));
    return await walk(stage, token === undefined ? {} : { DOTVAULT_TOKEN: token });
  };

  test("the root token, none, a wrong one, one whose policy lacks a rule", async () => {
    const well = await withVault(bao.address, "root");
    assert.deepEqual([well.code, badOnes(well.found)], [0, []]);
    assert.match(only((await withVault(bao.address, undefined)).found, "store", "token").message, /no Vault token/);
    assert.match(
      only((await withVault(bao.address, "hvs.wrong")).found, "store", "token").message,
      /refuses the token/,
    );
    assert.match(only((await withVault(bao.address, "hvs.wrong")).found, "store", "token").fix ?? "", /DOTVAULT_TOKEN/);
    const poor = await tokenWith(bao, { "secret/data/users/alice/*": ["read"] });
    const { code, found } = await withVault(bao.address, poor);
    assert.equal(code, 1);
    const [first, second] = found.filter(({ name, verdict }) => name === "policy" && verdict === "bad");
    assert.match(first?.message ?? "", /secret\/data\/users\/alice\/\* lacks create, update/);
    assert.match(second?.fix ?? "", /path "secret\/delete\/users\/alice\/\*" \{ capabilities = \["update"\] \}/);
  });

  test("a live token that may not look itself up is not called refused", async () => {
    const rules = { "secret/data/users/alice/*": ["create", "read", "update"] };
    const bare = await tokenWith(bao, rules, { noDefaultPolicy: true });
    const { code, found } = await withVault(bao.address, bare);
    assert.deepEqual([code, badOnes(found)], [0, []]);
    assert.match(only(found, "store", "policy").message, /may not ask what it may do/);
  });

  test("several addresses: each is asked; one that is away is worth a look, and the token is asked at another", async () => {
    const { code, found } = await withVault(NOBODY_LISTENS, "root", { addresses: [bao.address] });
    assert.deepEqual([code, badOnes(found)], [0, []]);
    const ofAddresses = found.filter(({ about, name }) => about === "store" && name.startsWith("http"));
    assert.deepEqual(
      ofAddresses.map(({ name, verdict }) => [name, verdict]),
      [
        [NOBODY_LISTENS, "warning"],
        [bao.address, "good"],
      ],
    );
    assert.match(found.find(({ name }) => name === "token")?.message ?? "", /is accepted/);
    const away = await withVault(NOBODY_LISTENS, "root", { addresses: ["http://127.0.0.1:2"] });
    assert.deepEqual(badOnes(away.found), [`store ${NOBODY_LISTENS}`, "store http://127.0.0.1:2"]);
  });

  test("an address where nobody listens, and a server that is sealed", async () => {
    assert.match(only((await withVault(NOBODY_LISTENS, "root")).found, "store").message, /no connection/);
    await seal(bao);
    assert.match(only((await withVault(bao.address, "root")).found, "store").message, /is sealed/);
  });
});

test("for people: a glyph a line, and what helps below", async () => {
  using stage = new Stage(Date.now());
  stage.configure(configText(jfrogWish(NOBODY_LISTENS)));
  const { out } = await stage.type("dotvault doctor", { env: { NO_PROXY: "*" } });
  assert.match(out, /^✓ config {11}\/home\/alice\/\.config\/dotvault\/config\.yaml is right$/m);
  assert.match(
    out,
    /^! agent {12}no agent runs: nothing is rotated\n {19}→ dotvault service install, or dotvault run$/m,
  );
  assert.match(out, /^✗ service jfrog {4}127\.0\.0\.1:1: /m);
  assert.match(out, /1 wrong, 1 worth a look, \d good\n$/);
});
