import { accessSync, constants, existsSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { octal } from "../../adapters/files/octal.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { shell } from "../../shell.ts";
import type { Finding } from "../../terminal/doctor.ts";
import { bad, good, warning } from "./finding.ts";

/** Every file that a rule writes: is it ours to write, and for us alone to read. */
export function aboutFiles({ rules }: Config, home: string): Finding[] {
  return rules.map(({ name, target }) => aboutFile(name, expandHome(target.path, home), target.mode ?? 0o600));
}

function aboutFile(rule: string, asked: string, mode: number): Finding {
  const found = existsSync(asked) ? realpathSync(asked) : undefined;
  if (found === undefined) return aboutParent(rule, asked);
  const facts = statSync(found);
  const wrong = (message: string, fix: string) => bad("file", rule, `${found} ${message}`, fix);
  if (!facts.isFile()) return wrong("is not a file", "name another path in the rule");
  if (!isOwn(facts)) return wrong(`belongs to uid ${facts.uid}`, shell`sudo chown "$USER" ${found}`);
  if ((facts.mode & 0o200) === 0) return wrong("is marked read-only", shell`chmod u+w ${found}`);
  if (!isWritable(dirname(found)))
    return wrong("lies in a folder that you can't write", shell`chmod u+w ${dirname(found)}`);
  const open = facts.mode & 0o777 & ~mode;
  if (open === 0) return good("file", rule, `${found} is there, and yours`);
  const bits = octal(facts.mode & 0o777);
  return warning("file", rule, `${found} can be read by others (${bits})`, shell`chmod ${mode.toString(8)} ${found}`);
}

/** The nearest folder that is there decides. */
function aboutParent(rule: string, path: string): Finding {
  let folder = dirname(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  if (isWritable(folder)) return good("file", rule, `${path} is not there yet, and can be made`);
  return bad("file", rule, `${path} can't be made: ${folder} can't be written`, shell`chmod u+w ${folder}`);
}

function isOwn({ uid }: Stats): boolean {
  const own = process.getuid?.();
  return own === undefined || own === 0 || uid === own;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
