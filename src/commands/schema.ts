import { configJsonSchema } from "../config/json-schema.ts";
import { type Command, EXIT } from "./io.ts";
import { printJson } from "./json.ts";

/** The configuration as JSON Schema: for editors, and for whoever generates it. */
export const schema: Command = async (_, io) => {
  printJson(io, configJsonSchema());
  return EXIT.healthy;
};
