import assert from "node:assert/strict";
import { test } from "node:test";
import { compareTranscript } from "../support/transcript.ts";
import { failing, HOUR, MINUTE, SECOND, Stage } from "./command-stage.ts";

// What `status`, `login-check` and `log` tell of the session with Vault, step by step.

const MACHINE = { renews: true, identity: "", way: null };

function life(stage: Stage, length: number, renewable = true) {
  return { expiresAt: stage.now + length, dueAt: stage.now + (length * 2) / 3, renewable };
}

function token(id: string) {
  return { id, kind: "vaultToken", digest: "d" } as const;
}

class Story {
  seen = "";
  readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
    stage.configure("vault: { address: https://vault.acme.org:8200 }\n");
    stage.noteConfiguration([]);
    stage.agentRuns();
  }

  /** What is seen now. */
  async show(what: string, ...lines: string[]): Promise<void> {
    this.seen += `# ${what}\n`;
    for (const line of lines.length > 0 ? lines : ["dotvault status"]) {
      const { both, code } = await this.stage.type(line);
      this.seen += `$ ${line}\n${both}${code === 0 ? "" : `[exit ${code}]\n`}`;
    }
  }
}

test("transcript: a session of dotvault's own: logged in, renewed, lost, refused, mended", async () => {
  using stage = new Stage();
  const story = new Story(stage);
  stage.vault({ type: "CONFIGURED", settings: { ...MACHINE, method: "approle", needsPerson: false } });
  await story.show("nothing has needed Vault yet");
  stage.vault({ type: "TOKEN_NEEDED" }, { after: SECOND });
  await story.show("a login is under way");
  const lost = { type: "ANSWER_LOST", intent: "login", class: "net.reset", sentAt: stage.now, random: 0.5 } as const;
  stage.vault(lost, { after: SECOND, closes: "login" });
  await story.show("its answer was lost");
  stage.vault({ type: "WOKE", name: "again" }, { after: 2 * SECOND });
  stage.vault({ type: "LOGGED_IN", token: token("t1"), life: life(stage, HOUR), who: "build" }, { closes: "login" });
  await story.show("logged in");
  stage.vault({ type: "WOKE", name: "renew" }, { after: 40 * MINUTE });
  stage.vault({ type: "RENEWED", id: "t1", life: life(stage, HOUR) }, { closes: "renew" });
  await story.show("renewed");
  stage.vault({ type: "TOKEN_DIED", id: "t1" }, { after: 10 * MINUTE });
  const hint =
    "check vault.auth_mount, vault.auth_role and the files that vault names; what changes there is tried at once";
  const message = "vault refuses the login at auth/approle: invalid role or secret ID";
  stage.vault({ type: "LOGIN_REFUSED", mark: "m", message, hint, person: false }, { after: SECOND, closes: "login" });
  await story.show("revoked, and the secret id is no longer taken", "dotvault status", "dotvault login-check --quiet");
  stage.vault({ type: "CREDENTIALS_CHANGED" }, { after: 3 * MINUTE });
  stage.vault({ type: "LOGGED_IN", token: token("t2"), life: life(stage, HOUR), who: "build" }, { closes: "login" });
  await story.show("the file was replaced", "dotvault status", "dotvault log vault", "dotvault replay journal");
  compareTranscript("vault-own", story.seen);
});

test("transcript: a person's session: a login that is needed, one at a terminal, a token that ends soon", async () => {
  using stage = new Stage();
  const story = new Story(stage);
  stage.vault({ type: "CONFIGURED", settings: { ...MACHINE, method: "oidc", needsPerson: true } });
  await story.show("nobody has logged in", "dotvault status", "dotvault login-check --quiet");
  stage.vault({ type: "LOGIN_ASKED", person: true });
  await story.show("a person does");
  stage.vault(
    { type: "LOGGED_IN", token: token("t1"), life: life(stage, 8 * HOUR, false), who: "ada" },
    { after: MINUTE },
  );
  await story.show("logged in");
  stage.now += 7.5 * HOUR;
  await story.show("an eighth of its life is left, and it can't be renewed");
  stage.vault({ type: "TOKEN_BROUGHT", source: "file", id: "b" }, { after: MINUTE });
  stage.vault({ type: "LOOKED_UP", id: "b", life: life(stage, 2 * HOUR), who: "token-ada" }, { closes: "lookup" });
  await story.show("a token in the file comes first");
  stage.vault({ type: "TOKEN_DIED", id: "b" }, { after: MINUTE });
  stage.vault({ type: "TOKEN_DIED", id: "t1" }, { after: HOUR });
  await story.show("both have ended", "dotvault status", "dotvault log");
  compareTranscript("vault-person", story.seen);
});

test("transcript: an enrolment that waits for the session has no trouble of its own", async () => {
  using stage = new Stage();
  const story = new Story(stage);
  stage.noteConfiguration([{ name: "jfrog", engine: "jfrog", label: "JFrog" }]);
  stage.vault({ type: "CONFIGURED", settings: { ...MACHINE, method: null, needsPerson: false } });
  const failure = { class: "store.no-token", message: "no Vault token", since: stage.now, at: stage.now };
  stage.enrolment(
    "jfrog",
    { idle: "looking" },
    {},
    { failures: [failing("read", failure, { attempt: 0, dueAt: stage.now + MINUTE })] },
  );
  stage.journal.setFact("storeTrouble", {
    class: "store.no-token",
    message: "no Vault token",
    hint: null,
    at: stage.now,
  });
  await story.show("no token anywhere");
  const status = await stage.type("dotvault status --json");
  const { troubles, vault, enrolments } = JSON.parse(status.out);
  assert.deepEqual([troubles, vault.level, enrolments[0].level], [[], "person-needed", "under-way"]);
  compareTranscript("vault-waiting", story.seen);
});
