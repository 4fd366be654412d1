import type { Config } from "../config/config.ts";
import { nearest } from "../config/nearest.ts";
import { DotvaultError } from "../errors.ts";

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
