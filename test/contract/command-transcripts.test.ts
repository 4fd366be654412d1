import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { helpText } from "../../src/commands/cli/help.ts";
import { VERBS } from "../../src/commands/table.ts";
import { compareTranscript } from "../support/transcript.ts";
import { filesOfAllKinds } from "./command-files.ts";
import { enrolThenLoseAnAnswer, refusedThenAdopted } from "./command-history.ts";
import { mixed, named, planned, standings, weekAhead } from "./command-scenes.ts";
import { DAY, HOUR, MINUTE, Stage } from "./command-stage.ts";

// Every command's text as a person sees it: test/transcripts/*.txt. UPDATE=1 writes them anew; read the difference.

/** Types the lines one after the other and compares all that is seen with the transcript. */
async function transcript(name: string, stage: Stage, ...lines: string[]): Promise<void> {
  let seen = "";
  for (const line of lines) {
    const { both, code } = await stage.type(line);
    seen += `$ ${line}\n${both}${code === 0 ? "" : `[exit ${code}]\n`}`;
  }
  compareTranscript(name, seen);
}

function scene(name: string, play: (stage: Stage) => void, ...lines: string[]): void {
  test(`transcript: ${name}`, async () => {
    using stage = new Stage();
    play(stage);
    await transcript(name, stage, ...lines);
  });
}

const nothing = () => {};
const running = (play: (stage: Stage) => void) => (stage: Stage) => {
  play(stage);
  stage.agentRuns();
};

scene("status-mixed", running(mixed), "dotvault status");
scene("status-nothing", nothing, "dotvault status", "dotvault log", "dotvault journal check");
for (const [name, play] of Object.entries(standings)) scene(`status-${name}`, running(play), "dotvault status");

scene(
  "status-no-agent",
  (stage) => {
    mixed(stage);
    stage.now += 3 * HOUR;
  },
  "dotvault status",
);

scene(
  "status-no-agent-overdue",
  (stage) => {
    standings.active?.(stage);
    stage.now += 28 * DAY;
  },
  "dotvault status",
);

scene(
  "status-answer-no-agent",
  (stage) => standings["answer-awaited"]?.(stage),
  "dotvault status",
  "dotvault status --json",
);

scene(
  "status-new",
  (stage) =>
    stage.configure("enrolments:\n  jfrog:\n    engine: jfrog\n    settings:\n      url: https://acme.jfrog.io\n"),
  "dotvault status",
);

scene(
  "status-configuration-wrong",
  (stage) => {
    mixed(stage);
    stage.configure("enrolment: {}\n");
  },
  "dotvault status",
);

scene("log", running(enrolThenLoseAnAnswer), "dotvault log jfrog", "dotvault log --since 1h");
scene("files", running(filesOfAllKinds), "dotvault status", "dotvault log");
scene("why", running(enrolThenLoseAnAnswer), "dotvault why jfrog", "dotvault why /no/such/file");
test("transcript: file", async () => {
  using stage = new Stage();
  const rule = '{ name: "npm", target: { path: "~/f.json", format: json, template: \'{ "user": "ada" }\' } }';
  stage.configure(`enrolments: {}\nrules: [${rule}]\n`);
  const edit = () => writeFileSync(join(stage.home, "f.json"), '{ "user": "eve" }\n');
  let seen = "";
  const type = async (line: string) => {
    stage.now += MINUTE;
    const { both, code } = await stage.type(line);
    seen += `$ ${line}\n${both}${code === 0 ? "" : `[exit ${code}]\n`}`;
  };
  await type("dotvault file burn npm");
  await type("dotvault file keep npm");
  await stage.type("dotvault sync");
  edit();
  await type("dotvault why npm");
  await type("dotvault file keep npm");
  await type("dotvault why npm");
  await type("dotvault status");
  await type("dotvault file take-back npm --json");
  await type("dotvault file stop ~/f.json");
  await type("dotvault file keep npm");
  await type("dotvault log");
  compareTranscript("file", seen);
});
scene("log-usage", running(enrolThenLoseAnAnswer), "dotvault log jfrob", "dotvault log --since yesterday");

scene(
  "at",
  running(enrolThenLoseAnAnswer),
  "dotvault status --at 2026-11-21T14:00:00Z",
  "dotvault status --at 2026-11-21T14:16:20Z",
  "dotvault status --at 2026-12-21T14:20:00Z",
  "dotvault log jfrog --at 2026-11-21T14:00:00Z",
  "dotvault log jfrog --at 2026-11-21T14:16:00Z",
  "dotvault status --at never",
);
scene(
  "next",
  running(weekAhead),
  "dotvault next",
  "dotvault next --offline fri..tue",
  "dotvault next --offline now..3h",
  "dotvault next --offline weekend",
  "dotvault next --offline fri..tue --renew",
  "dotvault next --renew",
);
scene(
  "next-no-agent",
  (stage) => {
    standings["in-doubt-lost"]?.(stage);
    stage.now += MINUTE;
  },
  "dotvault next",
);
scene("plan", running(planned), "dotvault plan", "dotvault plan --config none.yaml");
scene("next-nothing", nothing, "dotvault next");
scene(
  "next-new",
  (stage) =>
    stage.configure(
      JSON.stringify({
        enrolments: {
          web: { engine: "jfrog", settings: { url: "https://acme.jfrog.io" } },
          ci: { engine: "jfrog", settings: { url: "https://acme.jfrog.io", login: "token", token_env: "TOKEN" } },
          key: { engine: "sshkey" },
        },
      }),
    ),
  "dotvault next",
);

scene("stats", running(enrolThenLoseAnAnswer), "dotvault stats", "dotvault stats --since 1h --json");

scene(
  "token-list",
  (stage) => {
    enrolThenLoseAnAnswer(stage);
    stage.configure("enrolments: { ssh: { engine: sshkey } }\n");
  },
  "dotvault token list --offline",
  "dotvault token list",
  "dotvault token list jfrob --offline",
);
scene(
  "token-list-ended",
  (stage) => {
    enrolThenLoseAnAnswer(stage);
    stage.now += 400 * DAY;
  },
  "dotvault token list --offline",
);
scene(
  "token-list-refused",
  refusedThenAdopted,
  "dotvault token list --offline",
  "dotvault token list --offline --json",
  "dotvault why p2",
  "dotvault why theirs-3",
);
scene("token-list-nothing", nothing, "dotvault token list --offline");

scene("login-check", running(mixed), "dotvault login-check", "dotvault login-check --quiet");
scene("login-check-one", running(standings["active-asked"] ?? nothing), "dotvault login-check --quiet");
scene(
  "login-check-well",
  running(standings.active ?? nothing),
  "dotvault login-check",
  "dotvault login-check --quiet",
  "dotvault login-check --silent",
);
scene(
  "login-check-store",
  (stage) => {
    standings.active?.(stage);
    const [message, hint] = ["vault.acme.org: token refused", "put a new one into ~/.dotvault-token"];
    stage.journal.setFact("storeTrouble", { class: "store.token", message, hint, at: stage.now });
  },
  "dotvault login-check --quiet",
);

scene("check", (stage) => named(stage, "jfrog"), "dotvault check", "dotvault check --config ./none.yaml");
scene(
  "check-wrong",
  (stage) =>
    stage.configure("enrolments:\n  jfrog:\n    engine: jfrg\n    settigns: {}\nrules: []\nsync:\n  interval: 5\n"),
  "dotvault check",
);

scene("init", nothing, "dotvault init", "dotvault init acme.jfrog.io", "dotvault init acme.jfrog.io", "dotvault check");

scene(
  "journal",
  (stage) => {
    enrolThenLoseAnAnswer(stage);
    stage.now += 400 * DAY;
  },
  "dotvault journal check",
  "dotvault journal compact --older-than 30d",
  "dotvault journal check",
  "dotvault journal compact",
  "dotvault journal compact --older-than soon",
  "dotvault journal tidy",
);

test("journal compact says that an agent has the journal", async () => {
  using stage = new Stage();
  mixed(stage);
  stage.agentRuns();
  const { code, err } = await stage.type("dotvault journal compact");
  assert.equal(code, 1);
  assert.match(err, /an agent has the journal \(pid \d+\)/);
});

scene(
  "journal-damaged",
  (stage) => {
    enrolThenLoseAnAnswer(stage);
    tamper(stage, "UPDATE events SET event = replace(event, 'ada', 'eve') WHERE seq = 6");
  },
  "dotvault journal check",
  "dotvault log --since 2026-12-21T14:29:00Z",
);

scene(
  "journal-no-journal-file",
  (stage) => {
    mixed(stage);
    stage.end();
    writeFileSync(stage.where.journal, "this is no database, and never was one. ".repeat(200));
  },
  "dotvault status",
  "dotvault journal check",
);

scene(
  "journal-newer",
  (stage) => {
    mixed(stage);
    tamper(stage, "PRAGMA user_version = 99");
  },
  "dotvault status",
  "dotvault log --json",
);

/** What another program may do to the file. */
function tamper(stage: Stage, sql: string): void {
  stage.end();
  const database = new Database(stage.where.journal);
  database.exec(sql);
  database.close();
}

test("transcript: help", () => {
  const seen = [undefined, ...VERBS].map((verb) => `$ dotvault help ${verb?.name ?? ""}\n${helpText(verb)}`).join("\n");
  compareTranscript("help", seen);
});

for (const shell of ["bash", "zsh", "fish"]) {
  scene(`completion-${shell}`, nothing, `dotvault completion ${shell}`);
}
scene("completion-other", nothing, "dotvault completion tcsh");

scene(
  "report",
  enrolThenLoseAnAnswer,
  "dotvault report --output report.json",
  "dotvault report --output report.json",
  "dotvault replay report.json --log",
  "dotvault replay journal",
  "dotvault replay nowhere.json",
);
