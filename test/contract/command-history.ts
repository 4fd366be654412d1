import type { Facts } from "../../src/machines/enrolment/context.ts";
import { DAY, HOUR, MINUTE, ref, SECOND, type Stage, settings } from "./command-stage.ts";

/** Of the enrolment, the person, the platform and the rule. */
interface Names {
  readonly name: string;
  readonly user: string;
  readonly host: string;
  readonly rule: string;
  readonly path: string;
}
const NAMES: Names = {
  ...{ name: "jfrog", user: "ada", host: "acme", rule: "jfrog-cli" },
  path: "/home/alice/.jfrog/jfrog-cli.conf.v6",
};

function originOf({ host }: Pick<Names, "host">): string {
  return `https://${host}.jfrog.io`;
}

/** A history by the real machine: enrolled; the rotation's answer lost, presented again; the store down meanwhile. */
export function enrolThenLoseAnAnswer(stage: Stage, names: Partial<Names> = {}): void {
  const called = { ...NAMES, ...names };
  const at = (after: number, closes?: string) => (closes === undefined ? { after } : { after, closes });
  const { name, user } = called;
  stage.step(name, { type: "CONFIGURED", settings: { ...settings(name), origin: originOf(called) } });
  stage.step(name, { type: "SECRET_READ", ...nothingStored(stage), pair: null, heldBy: null }, at(20, "read"));
  stage.step(name, { type: "NOTIFIED", code: "not-enrolled" }, at(5, "notify"));
  stage.step(name, { type: "ENROL_ASKED", session: ref("s1", "session"), again: false }, at(2 * MINUTE));
  stage.step(name, { type: "SESSION_OPENED" }, at(150, "openSession"));
  stage.step(
    name,
    { type: "GRANTED", bootstrap: ref("b1", "bootstrap"), tokenId: "t0", user },
    at(42 * SECOND, "poll"),
  );
  stage.step(name, issued(stage, "p1", called), at(300, "mint"));
  stage.step(name, { type: "STORED", version: 1, createdAt: stage.now, replaced: null }, at(90, "store"));
  stage.step(name, { type: "REVOKED", subject: "b1", how: "revoked" }, at(80, "revoke"));
  written(stage, "sealed", called);
  stage.step(name, { type: "SYNCED", written: [called.rule], failed: [] }, at(10, "sync"));
  rotateWithALostAnswer(stage, called);
}

function rotateWithALostAnswer(stage: Stage, called: Names): void {
  const { name } = called;
  stage.step(name, { type: "WOKE", name: "rotate" }, { after: 30 * DAY });
  stage.step(name, { type: "CLAIMED", lease: 1, doubt: null }, { after: 30, closes: "claim" });
  stage.step(name, read(stage, "h1", called), { after: 15, closes: "read" });
  const lost = { type: "ANSWER_LOST", intent: "refresh", class: "net.reset", sentAt: stage.now, random: 0.5 } as const;
  stage.step(name, lost, { after: 200, closes: "refresh" });
  stage.step(name, read(stage, "h2", called), { after: 25, closes: "read" });
  stage.step(name, issued(stage, "p2", called), { after: 400, closes: "refresh" });
  const failed = { type: "FAILED", intent: "store", hint: null, sent: "no" } as const;
  stage.step(name, { ...failed, class: "store.unavailable", message: "Vault answered 503" }, { after: 60 });
  written(stage, "sealed", called);
  stage.step(name, { type: "SYNCED", written: [called.rule], failed: [] }, { after: 10, closes: "sync" });
  // The agent adds to an outcome how many tries it took.
  const inTries = { tries: 3 } as object;
  stage.step(
    name,
    { type: "STORED", version: 2, createdAt: stage.now, replaced: null, ...inTries },
    { after: 12 * MINUTE, closes: "store" },
  );
  const failedAgain = {
    ...failed,
    intent: "revoke",
    class: "jfrog.http.503",
    message: `${called.host}.jfrog.io answered 503`,
  };
  stage.step(name, failedAgain, { after: MINUTE });
  const revoke = stage.journal.openIntents(`enrolment/${name}`).find(({ kind }) => kind === "revoke");
  const failure = { class: "jfrog.http.503", message: failedAgain.message, since: stage.now, at: stage.now };
  const dueAt = stage.now + 25 * MINUTE;
  if (revoke) stage.journal.reschedule(revoke.id, { dueAt, attempt: 3, phase: "open", failure });
  stage.now += 20 * MINUTE;
}

/** And on: the service refuses the pair for good; then two of another machine's turn up, one after the other. */
export function refusedThenAdopted(stage: Stage): void {
  const name = NAMES.name;
  enrolThenLoseAnAnswer(stage);
  const issuedAt = stage.now;
  const newest = (id: string) => {
    const found = { ...facts(stage, id, NAMES), issuedAt, expiresAt: issuedAt + 60 * DAY };
    return { found, version: 2, createdAt: issuedAt, serverTime: stage.now, spread: 0 };
  };
  const read = (id: string) =>
    ({ type: "SECRET_READ", ...newest("p2"), pair: { ...ref(id), digest: "p2" }, heldBy: null }) as const;
  stage.step(name, { type: "WOKE", name: "rotate" }, { after: 30 * DAY });
  stage.step(name, { type: "CLAIMED", lease: 3, doubt: null }, { after: 30, closes: "claim" });
  stage.step(name, read("h3"), { after: 15, closes: "read" });
  const [status, message] = [404, "Token matching the provided refresh token was not found"];
  const refused = { type: "REFUSED", status, class: `jfrog.refused.${status}`, message } as const;
  stage.step(name, refused, { after: 200, closes: "refresh" });
  stage.step(name, read("h4"), { after: 25, closes: "read" });
  stage.step(name, { type: "PROBED", verdict: "dead", listed: false }, { after: 100, closes: "probe" });
  stage.step(name, read("h5"), { after: 25, closes: "read" });
  stage.step(name, { type: "REMOVED" }, { after: 60, closes: "remove" });
  for (const [version, id] of [3, 4].map((each) => [each, `theirs-${each}`] as const)) {
    const found = facts(stage, id, NAMES);
    const stored = { found, version, createdAt: stage.now, serverTime: stage.now, spread: 0, by: "ada@desktop" };
    stage.step(name, { type: "SECRET_SEEN", ...stored }, { after: HOUR });
  }
}

function nothingStored({ now }: Stage) {
  return { found: null, version: 0, createdAt: 0, serverTime: now, spread: 0 };
}

function facts({ now }: Stage, digest: string, { host, user }: Names): Facts {
  const origin = originOf({ host });
  const life = { issuedAt: now, expiresAt: now + 60 * DAY };
  return { complete: true, digest, refreshable: true, tokenId: digest, user, origin, ...life };
}

function issued(stage: Stage, id: string, called: Names) {
  return { type: "PAIR_ISSUED", pair: ref(id), facts: facts(stage, id, called), spread: 0, notices: [] } as const;
}

/** The pair that the enrolment began with, read again thirty days later. */
function read(stage: Stage, id: string, called: Names) {
  const issuedAt = stage.now - 30 * DAY - HOUR;
  const found = { ...facts(stage, "p1", called), issuedAt, expiresAt: issuedAt + 60 * DAY };
  const stored = { found, version: 1, createdAt: issuedAt, serverTime: stage.now, spread: 0 };
  return { type: "SECRET_READ", ...stored, pair: { ...ref(id), digest: "p1" }, heldBy: null } as const;
}

function written(stage: Stage, source: "sealed" | "store", { name: secret, rule, path }: Names): void {
  const stream = `rule/${rule}`;
  stage.journal.append({
    stream,
    expectedVersion: stage.journal.head(stream)?.version ?? 0,
    machineVersion: 1,
    event: { type: "FILE_WRITTEN", at: stage.now, path, secret, source, keys: ["/servers"] },
    state: "current",
    snapshot: { value: "current", path, writtenAt: stage.now, source, failure: null },
  });
}
