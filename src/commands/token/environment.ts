import type { Fields } from "../../adapters/engines/port.ts";
import { DotvaultError } from "../../errors.ts";
import { fieldOf } from "./print.ts";

/**
 * What programs of JFrog's read: `JF_…` its setup action and CLI, `JFROG_…` its Terraform providers. Never the refresh
 * token: a program that uses it spends the pair.
 */
const VARIABLES: Readonly<Record<string, string>> = {
  JF_URL: "url",
  JF_USER: "user",
  JF_ACCESS_TOKEN: "access_token",
  JFROG_URL: "url",
  JFROG_ACCESS_TOKEN: "access_token",
};

/**
 * The variables that a child gets.
 *
 * @param wish `NAME=field,…`, in place of the ones above
 * @throws DotvaultError `usage.env`, `usage.field`
 */
export function environmentFor(name: string, fields: Fields, wish: string | undefined): Record<string, string> {
  const wanted = wish === undefined ? known(fields) : wish.split(",").map(pairOf);
  if (wanted.length === 0)
    throw new DotvaultError("usage.env", `no variables are known for ${name}`, {
      hint: `say --env NAME=field; it has: ${Object.keys(fields).sort().join(", ")}`,
    });
  return Object.fromEntries(wanted.map(([variable, field]) => [variable, fieldOf(fields, field, name)]));
}

function known(fields: Fields): [string, string][] {
  if (fields.access_token === undefined) return [];
  return Object.entries(VARIABLES).filter(([, field]) => fields[field] !== undefined && fields[field] !== "");
}

function pairOf(text: string): [string, string] {
  const [, variable, field] = /^([A-Za-z_]\w*)=(\w+)$/.exec(text) ?? [];
  if (variable !== undefined && field !== undefined) return [variable, field];
  throw new DotvaultError("usage.env", `--env: "${text}" is not NAME=field`, { hint: "--env NPM_TOKEN=access_token" });
}
