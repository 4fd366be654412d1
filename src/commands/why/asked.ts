import type { Marks } from "../../agent/rule-file/deps.ts";
import type { FileRule } from "../../agent/rules.ts";
import type { JournalReader } from "../../journal/port.ts";
import type { Context } from "../../machines/enrolment/context.ts";
import { streamOf } from "../../machines/stream/names.ts";
import type { StatusReport } from "../../terminal/status/report.ts";
import { type Because, because } from "../../terminal/why/because.ts";
import { ofCircle } from "../../terminal/why/circle.ts";

/** What has to be known of a rule to tell its file's story. */
export type WhyRule = Pick<FileRule, "name" | "path" | "format" | "secret" | "mergeKey">;

/** What every answer is made from. */
export interface Asked {
  readonly reader: JournalReader;
  /** Undefined: the key is missing, and no digest can be compared. */
  readonly marks: () => Promise<Marks | undefined>;
  /** Of the whole configuration. */
  readonly rules: readonly WhyRule[];
  /** How things stand; asked for once. */
  readonly status: () => StatusReport;
  readonly now: number;
}

/** Why a secret is not newer, or not there at all; null: nothing stands in the way. */
export function becauseOf({ status, now }: Asked, secret: string | undefined): Because | null {
  if (secret === undefined) return null;
  const { enrolments, vault, troubles, agent, asOf } = status();
  const enrolment = enrolments.find(({ name }) => name === secret) ?? null;
  return because({ enrolment, vault, troubles, agent, asOf }, new Date(now));
}

/** Who does not take a live credential, of those that it is for; null: nobody is known to. */
export function circleOf({ status }: Asked, secret: string | undefined): Because | null {
  const enrolment = secret === undefined ? undefined : status().enrolments.find(({ name }) => name === secret);
  return enrolment === undefined ? null : ofCircle(enrolment);
}

/** Others can change the store, and nobody here looks at it. */
export function isBlind({ reader, status }: Asked): boolean {
  if (reader.fact("store") === undefined || reader.fact("store") === "the embedded store") return false;
  const { agent, vault, troubles } = status();
  const isAway = troubles.some(({ about }) => about === "store");
  return !agent.running || isAway || (vault !== null && vault.source === null);
}

/** Of an enrolment; undefined where the journal knows none of that name. */
export function contextOf(reader: JournalReader, enrolment: string | undefined): Context | undefined {
  if (enrolment === undefined) return undefined;
  return (reader.head(streamOf(enrolment))?.snapshot as { context?: Context } | undefined)?.context;
}

/** The credential in use, or on its way to the store. */
export function inUse(context: Context | undefined) {
  return context?.fresh ?? context?.current ?? context?.held ?? null;
}
