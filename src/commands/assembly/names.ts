import { resolve } from "node:path";
import type { FileRule } from "../../agent/rule-file/rule.ts";
import type { Config } from "../../config/config.ts";
import { nearest } from "../../config/nearest.ts";
import { expandHome } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import type { Io } from "../cli/io.ts";

/** Throws `usage.enrolment` for a name that the configuration does not have. */
export function requireEnrolment(config: Config, name: string): void {
  const names = config.enrolments.map(({ key }) => key);
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const known = names.length > 0 ? `known: ${names.join(", ")}` : "the configuration has no enrolments";
  throw new DotvaultError("usage.enrolment", `there is no enrolment "${name}"`, {
    hint: near === undefined ? known : `did you mean ${near}? ${known}`,
  });
}

/** The one rule of that name, or that writes that file. Throws `usage.rule`. */
export function requireRule(
  rules: readonly FileRule[],
  what: string,
  { cwd, home }: Pick<Io, "cwd" | "home">,
): FileRule {
  const path = resolve(cwd, expandHome(what, home));
  const named = rules.filter(({ name }) => name === what);
  const [rule, ...more] = named.length > 0 ? named : rules.filter((each) => each.path === path);
  if (rule !== undefined && more.length === 0) return rule;
  const names = (rule === undefined ? rules : [rule, ...more]).map(({ name }) => name);
  const told =
    rule === undefined ? `no rule is named "${what}", and none writes such a file` : `several rules write ${what}`;
  throw new DotvaultError("usage.rule", told, { hint: `name one of: ${names.join(", ") || "there are none"}` });
}
