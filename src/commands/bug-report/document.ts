import { chainEvents } from "../../journal/plain-chain.ts";
import type { Recorded } from "../../journal/port.ts";
import { Aliases } from "../../machines/history/aliases.ts";
import { ruleEventOf } from "../../machines/history/allowed-rules.ts";
import { exportHistory, type History } from "../../machines/history/history.ts";
import type { Json } from "../../machines/history/shapes.ts";
import { configuration, findings, journal, standing } from "./shapes.ts";

/** All that a report is made from; what of it gets into the document, its shapes decide (shapes.ts, history/allowed.ts). */
export interface Material {
  readonly at: Date;
  /** Our own: versions and the platform. */
  readonly versions: { readonly version: string } & Readonly<Record<string, string | number>>;
  /** As it was read; undefined where there is none that is right. */
  readonly config: unknown;
  readonly status: unknown;
  readonly findings: unknown;
  readonly journal: unknown;
  /** By the enrolment's name, and by the rule's: all that was recorded of each. */
  readonly enrolments: ReadonlyMap<string, readonly Recorded[]>;
  readonly rules: ReadonlyMap<string, readonly Recorded[]>;
  /** Hosts may be named. */
  readonly hosts: readonly string[];
}

export const REPORT_KIND = "dotvault-report";

/** A bug report without any token, session, address, path or name: each stands as an alias, the same throughout. Pure. */
export interface BugReport {
  readonly schemaVersion: 1;
  readonly kind: typeof REPORT_KIND;
  readonly at: string;
  readonly versions: Material["versions"];
  readonly configuration: Json;
  readonly status: Json;
  readonly findings: Json;
  readonly journal: Json;
  /** Each as `dotvault export` writes it. */
  readonly histories: readonly History[];
  readonly rules: readonly { readonly rule: string; readonly events: readonly Json[] }[];
  /** What the aliases of hosts stand for, where that may be told. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** Makes the document. Pure. */
export function bugReport(material: Material): BugReport {
  const aliases = new Aliases();
  const { versions } = material;
  const histories = [...material.enrolments].map(([name, rows]) => {
    const about = { version: versions.version, enrolment: aliases.of("name", name) };
    const history = exportHistory(rows, about, aliases);
    return { ...history, events: chainEvents(history.events) };
  });
  const rules = [...material.rules].map(([name, rows]) => ({
    rule: aliases.of("rule", name),
    events: rows.map(({ event }) => ruleEventOf(event, aliases)),
  }));
  return {
    schemaVersion: 1,
    kind: REPORT_KIND,
    at: material.at.toISOString(),
    versions,
    configuration: configuration(material.config, aliases),
    status: standing(material.status, aliases),
    findings: findings(material.findings, aliases),
    journal: journal(material.journal, aliases),
    histories,
    rules,
    hosts: Object.fromEntries(material.hosts.map((host) => [aliases.of("origin", host), host])),
  };
}
