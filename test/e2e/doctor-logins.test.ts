import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Finding } from "../../src/terminal/doctor.ts";
import { Stage } from "../contract/command-stage.ts";
import { ciSystem } from "../support/id-token.ts";
import { type OpenBao, startOpenBao, tokenWith } from "../support/openbao.ts";

/** What `doctor` says of the tokens that logins without a person are made with: it looks where a login would. */

let bao: OpenBao;
before(async () => {
  bao = await startOpenBao();
  await bao.api("POST", "secret/data/ci/jfrog", { data: { access_token: "from-vault-s3cret" } });
});
after(() => bao.stop());

const SECRET = "s3cret";

async function doctor(settings: object, vault?: { readonly token: string }): Promise<Finding> {
  using stage = new Stage(Date.now());
  const { idToken } = ciSystem();
  writeFileSync(join(stage.home, "good"), idToken("job"));
  writeFileSync(join(stage.home, "old"), idToken("job", { exp: 1_700_000_000 }));
  const jfrog = { engine: "jfrog", settings: { url: "http://127.0.0.1:1", ...settings } };
  const way = vault && { vault: { address: bao.address, kv_mount: "secret" } };
  stage.configure(JSON.stringify({ ...way, enrolments: { jfrog } }));
  const env = {
    HOME: stage.home,
    NO_PROXY: "*",
    PATH: process.env.PATH ?? "",
    ...(vault && { DOTVAULT_TOKEN: vault.token }),
  };
  const { out, err } = await stage.type("dotvault doctor --json", { env });
  assert.ok(!`${out}${err}`.includes(SECRET) && !out.includes("eyJ"), "nothing of a token is shown");
  const found = (JSON.parse(out).findings as Finding[]).filter(({ about }) => about === "token");
  assert.equal(found.length, 1, JSON.stringify(found));
  return found[0] as Finding;
}

const byProgram = (...words: string[]) => ({ login: "oidc", provider_name: "github", id_token_command: words });

test("the program of an ID token is run, and what it prints is judged and not shown", async () => {
  const rows: [string, Finding["verdict"], RegExp][] = [
    ['cat "$HOME/good"', "good", /^the program sh prints a token to log in with$/],
    ['cat "$HOME/old"', "bad", /^the token of the program sh has expired$/],
    [`echo ${SECRET}`, "bad", /no ID token/],
    [`echo ${SECRET}; echo ${SECRET} >&2; exit 3`, "bad", /^the program sh ended with exit code 3$/],
    [`yes ${SECRET}`, "bad", /prints more than a token$/],
  ];
  for (const [script, verdict, message] of rows) {
    const found = await doctor(byProgram("sh", "-c", script));
    assert.deepEqual([found.verdict, found.fix !== null], [verdict, verdict !== "good"], script);
    assert.match(found.message, message);
  }
  assert.match((await doctor(byProgram("dotvault-none"))).message, /can't be started \(ENOENT\)$/);
});

test("a token in Vault is looked for with the token that the agent would use", async () => {
  const root = { token: "root" };
  const at = (place: string) => ({ login: "token", token_vault: place });
  const good = await doctor(at("ci/jfrog#access_token"), root);
  assert.deepEqual([good.verdict, good.message], ["good", "ci/jfrog in Vault holds a token to log in with"]);
  assert.match((await doctor(at("ci/jfrog#other"), root)).message, /^ci\/jfrog in Vault has no field other$/);
  assert.match((await doctor(at("ci/none"), root)).message, /has no field access_token$/);
  const poor = await tokenWith(bao, { "secret/data/users/alice/*": ["create", "read", "update"] });
  const denied = await doctor(at("ci/jfrog"), { token: poor });
  assert.match(denied.message, /^ci\/jfrog in Vault can't be read: .* do not allow read on secret\/data\/ci\/jfrog$/);
  assert.match(denied.fix ?? "", /path "secret\/data\/ci\/jfrog"/);
  const nowhere = await doctor(at("ci/jfrog"));
  assert.deepEqual([nowhere.verdict, nowhere.fix], ["bad", "set vault.address"]);
});
