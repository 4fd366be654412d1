import { paths } from "../../config/paths.ts";
import { openReader } from "../../journal/reader.ts";
import { styleFor } from "../../terminal/style.ts";
import { listText } from "../../terminal/token/list.ts";
import { type Command, EXIT, type Io, type Parsed } from "../cli/io.ts";
import { printJson, withJsonErrors } from "../cli/json.ts";
import { requireKnown } from "../history/streams.ts";
import { requireArguments } from "./arguments.ts";
import { type Found, NO_JOURNAL, sightOf, tokensOf, withTokens } from "./lineage.ts";

/** Every token that this journal ever minted or received, checked against the service's list where it can be read. */
export const list: Command = withJsonErrors(async (parsed, io) => {
  requireArguments("list", parsed.positionals, [0, 1]);
  const { tokens, notes } = parsed.flags.offline === true ? known(parsed, io) : await checked(parsed, io);
  if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, tokens, notes });
  else {
    const columns = io.out.isTerminal ? io.out.columns : Number.POSITIVE_INFINITY;
    io.out.write(listText(tokens, notes, { now: new Date(io.now()), style: styleFor(io.out, io.env), columns }));
  }
  return tokens.some(({ leftOver }) => leftOver) ? EXIT.error : EXIT.healthy;
});

async function checked(parsed: Parsed, io: Io): Promise<Found> {
  const [{ requireConfig }, { allTokens }] = await Promise.all([
    import("../assembly/config.ts"),
    import("./listed.ts"),
  ]);
  return allTokens(requireConfig(parsed, io).config, io, parsed.positionals[0]);
}

/** By the journal alone: neither the configuration nor anything that reaches a network is loaded. */
function known(parsed: Parsed, io: Io): Found {
  const [only] = parsed.positionals;
  const reader = openReader({ directory: paths(io.env, io.platform, io.home).stateDir });
  if (!reader) return NO_JOURNAL;
  try {
    const sight = sightOf(reader);
    if (only !== undefined) requireKnown(reader, only);
    const names = withTokens(sight).filter((name) => only === undefined || name === only);
    return { tokens: names.flatMap((name) => tokensOf(name, sight, null, io.now())), notes: [] };
  } finally {
    reader.close();
  }
}
