import { Aliases } from "../../machines/history/aliases.ts";
import { REPORT_KIND, REPORT_SCHEMA } from "../../machines/history/read.ts";
import type { Json } from "../../machines/history/shapes.ts";
import type { RecordedHistory } from "../history/recorded.ts";
import { configuration, problems } from "./configuration.ts";
import { findings, journal, standing } from "./shapes.ts";
import { type ToldHistory, toldHistory } from "./told.ts";

/** All that a report is made from; what of it gets into the document, its shapes decide (shapes.ts, history/allowed.ts). */
export interface Material {
  readonly at: Date;
  /** Our own: versions and the platform. */
  readonly versions: { readonly version: string } & Readonly<Record<string, string | number>>;
  /** As it was read; undefined where there is none that is right. Paths as the journal spells them. */
  readonly config: unknown;
  /** Mistakes in it. */
  readonly problems: unknown;
  readonly status: unknown;
  readonly findings: unknown;
  readonly journal: unknown;
  readonly histories: readonly RecordedHistory[];
  /** From then on events are told, and what they follow on; null: from the beginning. Milliseconds since the epoch. */
  readonly since: number | null;
  /** Hosts may be named. */
  readonly hosts: readonly string[];
}

/** A bug report without any token, session, address, path or name: each stands as an alias, the same throughout. Pure. */
export interface BugReport {
  readonly schemaVersion: typeof REPORT_SCHEMA;
  readonly kind: typeof REPORT_KIND;
  readonly at: string;
  /** From then on all events of the histories are told; null: from the beginning. */
  readonly since: string | null;
  readonly versions: Material["versions"];
  readonly configuration: Json;
  readonly problems: Json;
  readonly status: Json;
  readonly findings: Json;
  readonly journal: Json;
  /** Each as `dotvault export` writes it: enrolments, their circles of trust, sessions with Vault, files, the agent itself. */
  readonly histories: readonly ToldHistory[];
  /** What the aliases of hosts stand for, where that may be told. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** Makes the document. Pure. */
export function bugReport(material: Material): BugReport {
  const aliases = new Aliases();
  const { versions } = material;
  const histories = material.histories.map((history) => toldHistory(history, versions.version, aliases));
  return {
    schemaVersion: REPORT_SCHEMA,
    kind: REPORT_KIND,
    at: material.at.toISOString(),
    since: material.since === null ? null : new Date(material.since).toISOString(),
    versions,
    configuration: configuration(material.config, aliases),
    problems: problems(material.problems, aliases),
    status: standing(material.status, aliases),
    findings: findings(material.findings, aliases),
    journal: journal(material.journal, aliases),
    histories,
    hosts: Object.fromEntries(material.hosts.map((host) => [aliases.of("origin", host), host])),
  };
}
