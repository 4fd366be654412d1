import { shell } from "../shell.ts";
import { type LoadOptions, type LoadResult, parseConfig } from "./check.ts";
import type { Validators } from "./config.ts";
import { readConfigFile } from "./file.ts";
import { writableByOthers } from "./permissions.ts";
import type { Complaint, Problem, ProblemCode } from "./problems.ts";

/** Reads and checks a configuration file. Never throws: whatever is wrong, the file's absence included, is a problem. */
export function load(file: string, validators: Validators, options: LoadOptions = {}): LoadResult {
  const read = readConfigFile(file);
  if (!read.ok) return failed(file, read.code, read);
  const result = parseConfig(read.text, file, validators, options);
  const uid = options.uid ?? process.getuid?.();
  const what = uid === undefined ? undefined : writableByOthers(read.stat, uid);
  if (what === undefined) return result;
  const warning: Problem = {
    code: "config.permissions",
    file,
    line: 1,
    column: 1,
    what,
    hint: shell`chmod 600 ${file}`,
  };
  return { ...result, warnings: [warning, ...result.warnings] };
}

function failed(file: string, code: ProblemCode, { what, hint }: Complaint): LoadResult {
  const problem = { code, file, line: 1, column: 1, what, ...(hint === undefined ? {} : { hint }) };
  return { file, problems: [problem], warnings: [] };
}
