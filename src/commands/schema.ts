import { DotvaultError } from "../errors.ts";
import { type Command, EXIT } from "./cli/io.ts";
import { printJson } from "./cli/json.ts";

/** The configuration as JSON Schema: for editors, and for whoever generates it. `schema status`: what `status --json` prints. */
export const schema: Command = async ({ positionals: [of = "config"] }, io) => {
  printJson(io, await schemaOf(of));
  return EXIT.healthy;
};

async function schemaOf(of: string): Promise<object> {
  if (of === "config") {
    const [{ configJsonSchema }, { engineSchemas }, { durationPattern }] = await Promise.all([
      import("../config/json-schema.ts"),
      import("../adapters/engines/registry.ts"),
      import("../config/durations.ts"),
    ]);
    return configJsonSchema(engineSchemas({ pattern: durationPattern }));
  }
  if (of === "status") return (await import("../terminal/status/json-schema.ts")).statusJsonSchema;
  throw new DotvaultError("usage.schema", `schema: there is no "${of}"`, { hint: "schema config, or schema status" });
}
