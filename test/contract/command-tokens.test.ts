import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createEmbeddedStore } from "../../src/adapters/embedded/store.ts";
import { storedKey } from "../../src/commands/assembly/keys.ts";
import { makeIssuer, pem } from "../support/tokens.ts";
import { compareTranscript } from "../support/transcript.ts";
import { HOUR, Stage } from "./command-stage.ts";

// The token verbs as a person sees them: test/transcripts/token-*.txt. UPDATE=1 writes them anew. `token list`: beside the others.

const URL = "http://127.0.0.1:1";

/** An enrolment with a token of an hour, of which a quarter is over; a stranger's file, and certificates. */
async function withTokens(stage: Stage) {
  const { now } = stage;
  const [ours, other] = [makeIssuer("01acme", now), makeIssuer("01other", now)];
  const settings = { url: URL, trusted_certificates: ["~/trusted.pem"] };
  const enrolments = {
    jfrog: { engine: "jfrog", settings },
    deploy: { engine: "sshkey" },
    later: { engine: "jfrog", settings },
  };
  stage.configure(JSON.stringify({ enrolments }));
  const key = storedKey(stage.where);
  if (!key) throw new Error("the stage has no key");
  const store = createEmbeddedStore({ path: stage.where.store, key, clock: () => now });
  await store.write(
    "jfrog",
    { access_token: ours.sign(), refresh_token: "r", url: URL, user: "ada", server_id: "acme" },
    0,
  );
  await store.write("deploy", { private_key: "k", public_key: "p" }, 0);
  await store.close();
  const put = (name: string, text: string) => writeFileSync(join(stage.home, name), text);
  put("trusted.pem", pem(ours.certificate) + pem(other.certificate) + pem(ours.certificate));
  put("other.pem", pem(other.certificate));
  put(
    ".npmrc",
    `//a.example/:_authToken=${ours.sign({ iat: Math.floor(now / 1000) - 7200, exp: Math.floor(now / 1000) - 60, sub: "jfac@01acme/users/bob" })}\n`,
  );
  put("odd.txt", `token: ${ours.sign({}, { alg: "none" })}\nnothing else\n`);
  stage.now += HOUR / 4;
  return [ours.keyId, other.keyId];
}

function scene(name: string, ...lines: string[]): void {
  test(`transcript: ${name}`, async () => {
    using stage = new Stage();
    const keyIds = await withTokens(stage);
    let seen = "";
    for (const line of lines) {
      const { both, code } = await stage.type(line, { env: { NO_PROXY: "*", PATH: process.env.PATH ?? "" } });
      seen += `$ ${line}\n${both}${code === 0 ? "" : `[exit ${code}]\n`}`;
    }
    for (const [index, keyId] of keyIds.entries()) seen = seen.replaceAll(keyId, `<key ${index + 1}>`);
    const shown = seen.replaceAll(/^eyJ[\w.-]+$/gm, "<the token>");
    if (/eyJ[\w-]{20}/.test(shown)) throw new Error("a token is shown");
    compareTranscript(name, shown);
  });
}

scene(
  "token-inspect",
  "dotvault token inspect jfrog",
  "dotvault token inspect ~/.npmrc",
  "dotvault token inspect ~/odd.txt --json",
  "dotvault token inspect ~/other.pem",
  "dotvault token inspect deploy",
  "dotvault token inspect later",
  "dotvault token inspect nobody",
);

scene(
  "token-verify",
  "dotvault token verify jfrog",
  "dotvault token verify jfrog --trust ~/other.pem",
  "dotvault token verify jfrog --trust ~/none.pem",
  "dotvault token verify jfrog --trust ~/trusted.pem,~/other.pem --json",
  "dotvault token verify ~/.npmrc",
  "dotvault token verify ~/odd.txt",
);

scene(
  "token-print",
  "dotvault token print jfrog",
  "dotvault token print jfrog --field user",
  "dotvault token print jfrog --field password",
  "dotvault token print deploy",
  "dotvault token print later",
  "dotvault token print",
);

scene(
  "token-exec",
  "dotvault token exec jfrog -- true",
  "dotvault token exec jfrog -- false",
  "dotvault token exec jfrog -- no-such-program",
  "dotvault token exec jfrog --env NPM_TOKEN -- true",
  "dotvault token exec jfrog --env NPM_TOKEN=nothing -- true",
  "dotvault token exec deploy -- true",
  "dotvault token exec jfrog",
);

scene(
  "token-revoke",
  "dotvault token revoke",
  "dotvault token revoke 5b1e7f0a-0000-4d0f-9a8e-0c5d5f1ea1b2",
  "dotvault token revoke --orphans",
  "dotvault token nothing",
);
