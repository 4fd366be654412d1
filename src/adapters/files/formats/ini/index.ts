import type { Format } from "../format.ts";
import { structured } from "../structured.ts";
import { dialectOf, type IniDialect } from "./dialects.ts";
import { iniEdits, meetKeys } from "./edit.ts";
import { readIni } from "./read.ts";

/** INI, in the dialect of the program that the target's name belongs to. */
export const ini: Format = {
  name: "ini",
  merge: (before, rendered, options) => handler(dialectOf(options.basename)).merge(before, rendered, options),
  values: (text, pointers, options) => handler(dialectOf(options.basename)).values(text, pointers, options),
  remove: (text, pointers, options) => handler(dialectOf(options.basename)).remove(text, pointers, options),
};

function handler(dialect: IniDialect): Format {
  const meet = dialect.name === "unknown" ? { meet: meetKeys } : {};
  return structured({ name: "ini", read: readIni(dialect), edits: iniEdits(dialect), ...meet });
}
