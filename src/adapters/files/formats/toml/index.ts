import { structured } from "../structured.ts";
import { tomlEdits } from "./edit.ts";
import { readToml } from "./read.ts";

/** TOML 1.0, and what 1.1 adds to it. */
export const toml = structured({ name: "toml", read: readToml, edits: tomlEdits });
