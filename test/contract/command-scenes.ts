import type { JsonObject } from "../../src/journal/port.ts";
import type { Context } from "../../src/machines/enrolment/context.ts";
import { DAY, failing, HOUR, MINUTE, pair, ref, SECOND, type Stage, settings } from "./command-stage.ts";

/** How things may stand, one function each. */

export const jfrog: JsonObject = { name: "jfrog", engine: "jfrog", label: "JFrog" };
export const jfrogCli: JsonObject = { name: "jfrog-cli", secret: "jfrog", path: "~/.jfrog/jfrog-cli.conf.v6" };

const STARTER = `enrolments:
  jfrog:
    engine: jfrog
    settings:
      url: https://acme.jfrog.io
`;

export function named(stage: Stage, ...names: string[]): void {
  stage.configure(STARTER);
  stage.noteConfiguration(names.map((name) => ({ name, engine: "jfrog", label: "JFrog" })));
}

/** The example that a picture of status began with: one needs a person, one is being retried, one is well. */
export function mixed(stage: Stage): void {
  const { now } = stage;
  stage.configure(STARTER);
  const label = { engine: "jfrog", label: "JFrog" };
  stage.noteConfiguration(
    [{ name: "corp/art", ...label }, jfrog, { name: "ssh", engine: "sshkey", label: "SSH key" }],
    [
      { name: "ssh-key", secret: "ssh", path: "~/.ssh/id_dotvault" },
      { name: "ssh-pub", secret: "ssh", path: "~/.ssh/id_dotvault.pub" },
    ],
  );
  const since = now - (4 * HOUR + 34 * MINUTE);
  stage.enrolment("corp/art", "revoked", {
    ask: { code: "revoked", since, message: "Token matching the provided refresh token was not found.", hint: null },
  });
  stage.enrolment(
    "jfrog",
    { refreshing: "claiming" },
    { current: pair({ expiresAt: now + 28 * DAY }) },
    {
      failures: [
        failing(
          "claim",
          { class: "store.unavailable", message: "Vault answered 503", since, at: now - MINUTE },
          { attempt: 2, dueAt: now + 6 * MINUTE },
        ),
      ],
    },
  );
  stage.enrolment("ssh", { active: "resting" }, { current: pair({ refreshable: false }) });
}

/** What comes in the next days: rotations far and near apart, a token that can't be renewed, a person who is asked already. */
export function weekAhead(stage: Stage): void {
  const { now } = stage;
  named(stage, "jfrog", "hourly", "fixed", "gone");
  const active = { active: "resting" };
  const life = (issuedAt: number, expiresAt: number) => ({ issuedAt, expiresAt, origin: "https://acme.jfrog.io" });
  const soon = pair(life(now - 3 * DAY, now + 5 * DAY));
  stage.enrolment("jfrog", active, { current: soon }, { wakes: [{ name: "rotate", at: now + 25 * HOUR }] });
  const hourly = pair(life(now - 20 * MINUTE, now + 40 * MINUTE));
  stage.enrolment("hourly", active, { current: hourly }, { wakes: [{ name: "rotate", at: now + 12 * MINUTE }] });
  const fixed = pair({ ...life(now - 20 * DAY, now + 8 * DAY), refreshable: false });
  stage.enrolment("fixed", active, { current: fixed }, { wakes: [{ name: "ask", at: now + 5 * DAY }] });
  stage.enrolment("gone", { idle: "missing" }, { ask: ask("secret-gone", now - HOUR) });
}

/** The same, and a configuration that names another host, another enrolment and a file, and has lost the others. */
export function planned(stage: Stage): void {
  weekAhead(stage);
  stage.journal.setFact("store", "the embedded store");
  stage.configure(`vault: { address: "https://vault.acme.org:8200" }
enrolments:
  jfrog: { engine: jfrog, settings: { url: "https://jfrog.acme.org" } }
  more: { engine: jfrog, settings: { url: "https://more.jfrog.io" } }
rules:
  - name: npmrc
    vault_key: jfrog
    target: { path: ~/.npmrc, format: ini, template: "registry={{ .url }}/npm" }
`);
}

/** One enrolment in one state; the name is the transcript's. */
export const standings: Readonly<Record<string, (stage: Stage) => void>> = {
  "not-enrolled": one({ idle: "missing" }, ({ now }) => ({ ask: ask("not-enrolled", now - HOUR) })),
  "login-refused": one({ idle: "missing" }, ({ now }) => ({
    ask: {
      ...ask(
        "login-refused",
        now - MINUTE,
        "acme.jfrog.io answers 404: the web login needs Artifactory 7.64.0 or newer",
      ),
      hint: "ask your administrator to update Artifactory",
    },
  })),
  "login-maybe-collected": one({ idle: "missing" }, ({ now }) => ({ ask: ask("login-maybe-collected", now - MINUTE) })),
  "signing-in": one("polling", ({ now }) => ({
    session: { ref: ref("s1", "session"), deadline: now + 252 * SECOND, unanswered: false },
  })),
  minting: one({ exchanging: "minting" }, () => ({ bootstrap: { ref: ref("b1", "bootstrap"), tokenId: null } })),
  storing: (stage) => {
    const { now } = stage;
    named(stage, "jfrog");
    const failure = { class: "store.unreachable", message: "vault.acme.org: refused", since: now - HOUR, at: now };
    const failures = [failing("store", failure, { attempt: 11, dueAt: now + 9 * MINUTE })];
    const fresh = pair({ stored: null, ref: ref("p1"), expiresAt: now + 60 * DAY });
    stage.enrolment("jfrog", { exchanging: "storing" }, { fresh }, { failures });
    stage.journal.setFact("storeTrouble", { ...failure, hint: "is it up? is the address right?", at: now - HOUR });
  },
  active: (stage) => {
    const { now } = stage;
    stage.configure(STARTER);
    stage.noteConfiguration([jfrog], [jfrogCli]);
    const context = { current: pair({ expiresAt: now + 55 * DAY }), cleanups: [superseded(now)] };
    stage.enrolment("jfrog", { active: "resting" }, context, { wakes: [{ name: "rotate", at: now + 27 * DAY }] });
  },
  "active-notices": (stage) => {
    const { now } = stage;
    named(stage, "jfrog");
    const notices = ["the server caps lifetimes at 1 h: asked for 60 d"];
    const context = { current: pair({ expiresAt: now + 55 * MINUTE }), skew: 5 * MINUTE, notices };
    stage.enrolment("jfrog", { active: "resting" }, context, { wakes: [{ name: "rotate", at: now + 27 * MINUTE }] });
  },
  "active-terms": one({ active: "resting" }, ({ now }) => ({
    settings: {
      ...settings("jfrog"),
      terms: { scope: "applied-permissions/groups:readers", audience: null, life: DAY },
    },
    current: pair({ expiresAt: now + 55 * DAY, scope: "applied-permissions/user", audience: "*@*" }),
  })),
  "active-stranger": one({ active: "resting" }, ({ now }) => ({
    current: pair({ expiresAt: now + 55 * DAY }),
    stranger: { did: "stored", version: 7, since: now - 2 * HOUR },
  })),
  "active-no-refresh-token": one({ active: "resting" }, ({ now }) => ({
    current: pair({ refreshable: false, expiresAt: now + 40 * DAY }),
  })),
  "active-asked": one({ active: "resting" }, ({ now }) => ({
    current: pair({ refreshable: false, expiresAt: now + 5 * DAY }),
    ask: ask("no-refresh-token", now - HOUR),
  })),
  "active-circle": (stage) => {
    circle(stage);
    const a = { pair: "d1", reason: null, message: null, hint: null };
    const tried = { type: "PLATFORM_TRIED", url: "https://eu.jfrog.io", accepted: true, ...a } as const;
    const vouched = { type: "VOUCHED", pair: "d1", name: "jfac@01acme", keyId: "kid", source: "/etc/trust" } as const;
    stage.circle("jfrog", tried, { ...tried, url: "https://us.jfrog.io" }, vouched);
  },
  "active-circle-asked": (stage) => {
    circle(stage);
    const tried = { pair: "d1", accepted: true, reason: null, message: null, hint: null };
    stage.circle("jfrog", { type: "PLATFORM_TRIED", url: "https://eu.jfrog.io", ...tried });
  },
  "active-circle-broken": (stage) => {
    circle(stage);
    const refusal = {
      reason: "certificate",
      message: "it does not trust the certificate that signed the token: JFrog refused (401): Invalid token, signature",
      hint: "its administrator has to trust the root certificate of https://acme.jfrog.io (/access/api/v1/cert/root)",
    };
    const at = { pair: "d1", accepted: false, ...refusal };
    stage.circle(
      "jfrog",
      { type: "PLATFORM_TRIED", url: "https://eu.jfrog.io", ...at },
      { type: "TRIAL_FAILED", url: "https://us.jfrog.io", class: "net.refused", message: "us.jfrog.io: no connection" },
      {
        type: "NOT_VOUCHED",
        pair: "d1",
        reason: "signature",
        message: "none of 2 trusted certificates vouches for it",
      },
    );
  },
  "revocation-failing": (stage) => {
    const { now } = stage;
    named(stage, "jfrog");
    const failure = { class: "jfrog.http.503", message: "acme.jfrog.io answered 503", since: now - HOUR, at: now };
    const failures = [failing("revoke", failure, { attempt: 4, dueAt: now + 3 * MINUTE })];
    const context = { current: pair({ expiresAt: now + 55 * DAY }), cleanups: [superseded(now)] };
    const wakes = [{ name: "rotate", at: now + 27 * DAY }];
    stage.enrolment("jfrog", { active: "resting" }, context, { wakes, failures });
  },
  moved: one({ active: "moved" }, ({ now }) => ({
    current: pair({ expiresAt: now + 5 * DAY }),
    ask: ask("moved", now - HOUR),
  })),
  rotating: one({ refreshing: "presenting" }, ({ now }) => ({ current: pair({ expiresAt: now + 28 * DAY }) })),
  "answer-awaited": (stage) => {
    named(stage, "jfrog");
    stage.enrolment(
      "jfrog",
      { refreshing: "presenting" },
      { current: pair({ expiresAt: stage.now + 28 * DAY }) },
      sent(stage),
    );
  },
  "answer-not-recorded": one({ refreshing: { doubted: "presenting" } }, ({ now }) => ({
    held: pair({ expiresAt: now + 28 * DAY }),
    doubt: { ...doubt("lost", now, null), presentations: 2 },
    unanswered: unanswered(now, null, 2),
  })),
  "answer-lost-minted": one({ active: "resting" }, ({ now }) => ({
    current: pair({ expiresAt: now + 28 * DAY }),
    unanswered: unanswered(now, "minted"),
  })),
  "waiting-for-machine": one(
    { refreshing: "waiting" },
    ({ now }) => ({
      current: pair({ expiresAt: now + 28 * DAY }),
      heldBy: { machine: "alice@desktop", phase: "claimed" },
    }),
    { retryIn: 40 * SECOND },
  ),
  "in-doubt-lost": one(
    { refreshing: { doubted: "pausing" } },
    ({ now }) => ({ held: pair({ expiresAt: now + 28 * DAY }), doubt: doubt("lost", now, null) }),
    { retryIn: 12 * SECOND },
  ),
  "in-doubt-refused": one({ refreshing: { doubted: "probing" } }, ({ now }) => ({
    held: pair({ expiresAt: now + 28 * DAY }),
    doubt: doubt("refused", now, "Token matching the provided refresh token was not found."),
  })),
  "second-look": one(
    { refreshing: { doubted: "secondLook" } },
    ({ now }) => ({ held: pair({ expiresAt: now + 28 * DAY }), doubt: doubt("refused", now, "Forbidden") }),
    { retryIn: 2 * MINUTE },
  ),
  "held-elsewhere": one({ refreshing: { doubted: "heldElsewhere" } }, ({ now }) => ({
    held: pair({ expiresAt: now + 3 * HOUR }),
    doubt: doubt("refused", now, "not found"),
    heldBy: { machine: "alice@desktop", phase: "presented" },
  })),
  keeping: one({ refreshing: { doubted: "keeping" } }, ({ now }) => ({
    held: pair({ expiresAt: now + 12 * DAY }),
    doubt: doubt("lost", now, null),
    ask: ask("mint-forbidden", now - HOUR, "Forbidden: token creation is disabled"),
  })),
  unenrolled: one({ idle: "unenrolled" }, ({ now }) => ({ unenrolledAt: now })),
  "secret-gone": one({ idle: "missing" }, ({ now }) => ({ ask: ask("secret-gone", now - 3 * DAY) })),
  paused: (stage) => {
    const { now } = stage;
    named(stage, "jfrog");
    stage.enrolment("jfrog", { idle: "missing" }, { ask: ask("not-enrolled", now) });
    stage.enrolment("old", { active: "resting" }, { current: pair({ expiresAt: now + 9 * DAY }) });
  },
  "file-failed": (stage) => {
    const { now } = stage;
    stage.configure(STARTER);
    stage.noteConfiguration([jfrog], [jfrogCli]);
    const wakes = [{ name: "rotate", at: now + 27 * DAY }];
    stage.enrolment("jfrog", { active: "resting" }, { current: pair({ expiresAt: now + 55 * DAY }) }, { wakes });
    stage.rule("jfrog-cli", {
      value: "failed",
      path: `${stage.home}/.jfrog/jfrog-cli.conf.v6`,
      writtenAt: now - DAY,
      source: "store",
      failure: {
        code: "files.encrypted",
        message: "jf has encrypted this file",
        hint: "turn jf's encryption off (JFROG_CLI_ENCRYPTION_KEY), then dotvault sync",
        since: now - HOUR,
      },
    });
  },
};

/** A rotation that was sent a minute and eleven seconds ago. */
function sent({ now }: Stage) {
  const dueAt = now - 71 * SECOND;
  return { intents: [{ id: "r1", kind: "refresh", subject: "p", params: {}, once: true, dueAt }] };
}

function unanswered(now: number, how: "minted" | null, times = 1): NonNullable<Context["unanswered"]> {
  const outcome = how && { how, at: now - MINUTE + 800 };
  return { sentAt: now - 71 * SECOND, lostAt: now - MINUTE, why: "net.reset", times, outcome, told: false };
}

/** `jfrog` alone, in one state. */
function one(
  value: Parameters<Stage["enrolment"]>[1],
  context: (stage: Stage) => Partial<Context>,
  { retryIn }: { readonly retryIn?: number } = {},
): (stage: Stage) => void {
  return (stage) => {
    named(stage, "jfrog");
    const wakes = retryIn === undefined ? [] : [{ name: "retry", at: stage.now + retryIn }];
    stage.enrolment("jfrog", value, context(stage), { wakes });
  };
}

function ask(code: NonNullable<Context["ask"]>["code"], since: number, message: string | null = null) {
  return { code, since, message, hint: null };
}

function doubt(cause: "lost" | "refused", now: number, message: string | null) {
  return { cause, since: now - MINUTE, presentations: 1, forbidden: false, pastEnd: false, deadLooks: 0, message };
}

function superseded(now: number) {
  return { ref: ref("old"), tokenId: "t0", why: "superseded", since: now } as const;
}

/** A token that is for two other platforms, and was shown to none yet. */
function circle(stage: Stage): void {
  const { now } = stage;
  named(stage, "jfrog");
  const current = pair({ expiresAt: now + 55 * DAY });
  stage.enrolment("jfrog", { active: "resting" }, { current }, { wakes: [{ name: "rotate", at: now + 27 * DAY }] });
  const platforms = ["eu", "us"].map((serverId) => ({ url: `https://${serverId}.jfrog.io`, serverId }));
  stage.circle(
    "jfrog",
    { type: "CIRCLE_CONFIGURED", platforms, trust: true },
    { type: "TRIALS_BEGUN", pair: "d1", tokenId: "t1" },
  );
}
