import { structured } from "../structured.ts";
import { jsonEdits } from "./edit.ts";
import { readJson } from "./read.ts";

/** JSON and JSON with comments. */
export const json = structured({ name: "json", read: readJson, edits: jsonEdits });
