import { type Inspection, inspectToken, stateAt } from "../../adapters/engines/jfrog/token/inspect.ts";
import { styleFor } from "../../terminal/style.ts";
import { dateOf } from "../../terminal/times.ts";
import { inspectText, type TokenReport } from "../../terminal/token/inspect.ts";
import { type Command, EXIT } from "../cli/io.ts";
import { printJson, withJsonErrors } from "../cli/json.ts";
import { requireArguments } from "./arguments.ts";
import { type ReadToken, readTokens } from "./read.ts";

/** What tokens say of themselves; JFrog is not asked, and no token is shown. Exit code 1: one has expired or is not valid yet. */
export const inspect: Command = withJsonErrors(async (parsed, io) => {
  requireArguments("inspect", parsed.positionals, [0, 1]);
  const read = await readTokens(parsed, io);
  const tokens = read.map((each) => reportOf(each, io.now()));
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, tokens });
  else io.out.write(inspectText(tokens, new Date(io.now()), styleFor(io.out, io.env)));
  return tokens.every(({ state }) => state === "valid") ? EXIT.healthy : EXIT.error;
});

export function reportOf({ token, place, enrolment }: ReadToken, now: number): TokenReport {
  const found = inspectToken(token);
  return {
    ...found,
    place,
    enrolment,
    issuedAt: dateOf(found.issuedAt),
    notBefore: dateOf(found.notBefore),
    expiresAt: dateOf(found.expiresAt),
    state: stateAt(found, now),
    lifeLeft: lifeLeft(found, now),
  };
}

function lifeLeft({ issuedAt, expiresAt }: Inspection, now: number): number | null {
  if (expiresAt === null || issuedAt === null || expiresAt <= issuedAt) return null;
  const share = (expiresAt - now) / (expiresAt - issuedAt);
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000;
}
