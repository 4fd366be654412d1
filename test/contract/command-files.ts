import type { Json, JsonObject } from "../../src/journal/port.ts";
import { foldRule, RULE_VERSION, type RuleEvent, ruleSnapshot } from "../../src/machines/rule/rule.ts";
import { named } from "./command-scenes.ts";
import { DAY, HOUR, MINUTE, type Stage } from "./command-stage.ts";

type Told = RuleEvent extends infer E ? (E extends RuleEvent ? Omit<E, "at" | "path"> : never) : never;

const written = (post = false) =>
  ({
    type: "FILE_WRITTEN",
    secret: "team/db",
    source: "store",
    from: { version: 3, createdAt: 1, pair: null },
    keys: [{ pointer: "/db/password", digest: "k:0", line: 4 }],
    leaving: null,
    post,
  }) as const;

/** Every way in which a file may stand, by the fold that the agent uses. */
export function filesOfAllKinds(stage: Stage): void {
  named(stage);
  const edited = { type: "FILE_EDITED", keys: ["/db/password"] } as const;
  const lives: Readonly<Record<string, readonly Told[]>> = {
    current: [written()],
    missing: [written(), { type: "SECRET_MISSING", secret: "team/db" }],
    cleaned: [written(), { type: "FILE_CLEANED", why: "secret", keys: ["/db/password"], left: ["/db/list"] }],
    edited: [written(), { ...edited, kept: false }, written()],
    kept: [written(), { ...edited, kept: true }],
    reloading: [written(true)],
    unloaded: [written(true), { type: "POST_FAILED", message: "exit code 3" }],
    loaded: [written(true), { type: "POST_RAN" }],
    "un-enrolled": [written(), { type: "FILE_CLEANED", why: "enrolment", keys: ["/db/password"], left: [] }],
  };
  const rules = Object.keys(lives).map((name) => ({ name, secret: "team/db", path: `~/${name}.yaml` }));
  stage.noteConfiguration([], rules);
  stage.now -= DAY;
  for (const [name, events] of Object.entries(lives)) {
    for (const event of events) happened(stage, name, event);
  }
  stage.now += HOUR;
}

function happened(stage: Stage, name: string, told: Told): void {
  stage.now += MINUTE;
  const stream = `rule/${name}`;
  const head = stage.journal.head(stream);
  const event = { ...told, at: stage.now, path: `/home/alice/${name}.yaml` } as RuleEvent;
  const after = foldRule(ruleSnapshot(head?.snapshot), event);
  if (after === null) throw new Error(`${event.type} is no news`);
  stage.journal.append({
    stream,
    expectedVersion: head?.version ?? 0,
    machineVersion: RULE_VERSION,
    event: event as unknown as { type: string; at: number; [key: string]: Json },
    state: after.value,
    snapshot: after as unknown as JsonObject,
  });
}
