import { basename } from "node:path";
import { formatFor, HOLE, type MergeOptions } from "../../adapters/files/index.ts";
import { compile } from "../../adapters/files/template/template.ts";
import { DotvaultError } from "../../errors.ts";
import type { FileRule } from "./rule.ts";

type Fixed = Pick<FileRule, "path" | "format" | "template" | "mergeKey">;

/** The values that a rule writes whatever its secret holds, by pointer; none where that can't be told without data. */
export function fixedValues({ path, format: name, template, mergeKey }: Fixed) {
  const text = template === undefined ? undefined : compile(template).withHoles(HOLE);
  const options: MergeOptions = { basename: basename(path), ...(mergeKey === undefined ? {} : { mergeKey }) };
  const format = formatFor(name);
  try {
    const { content, managed } = format.merge(undefined, text ?? "", options);
    const found = [...format.values(content, managed, options)];
    return new Map(found.filter(([pointer, { identity }]) => !`${pointer}${identity}`.includes(HOLE)));
  } catch (error) {
    // The rendering of values may well be of the format where the holes are not.
    if (error instanceof DotvaultError) return new Map<string, never>();
    throw error;
  }
}
