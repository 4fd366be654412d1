import { structured } from "../structured.ts";
import { yamlEdits } from "./edit.ts";
import { readYaml } from "./read.ts";

/** YAML 1.2; the first document of a file. */
export const yaml = structured({ name: "yaml", read: readYaml, edits: yamlEdits });
