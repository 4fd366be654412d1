import { existsSync, statSync } from "node:fs";
import { readProxy } from "../../adapters/http/proxy.ts";
import type { LoadResult } from "../../config/check.ts";
import type { Paths } from "../../config/paths.ts";
import { writableByOthers } from "../../config/permissions.ts";
import { DotvaultError } from "../../errors.ts";
import { checkJournal } from "../../journal/check/check.ts";
import { lockHolder } from "../../journal/lock.ts";
import { keyringId } from "../../seal/key-file.ts";
import { shell } from "../../shell.ts";
import type { Finding } from "../../terminal/doctor.ts";
import { count } from "../../terminal/times.ts";
import { storedKey } from "../assembly/keys.ts";
import { bad, good, warning } from "./finding.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration file itself. */
export function aboutConfig({ file, config, problems, warnings }: LoadResult): Finding[] {
  const found: Finding[] = [];
  const exposed = writableByOthers(statSync(file), process.getuid?.() ?? 0);
  if (exposed !== undefined) found.push(bad("config", "", `${file}: ${exposed}`, shell`chmod go-w ${file}`));
  if (!config) return [...found, bad("config", "", `${file}: ${count(problems.length, "error")}`, "dotvault check")];
  if (warnings.length === 0) return [...found, good("config", "", `${file} is right`)];
  return [...found, warning("config", "", `${file}: ${count(warnings.length, "warning")}`, "dotvault check")];
}

/** The key that seals, and the journal that is sealed and chained with it. */
export function aboutJournal(where: Paths): Finding[] {
  const { key: path, store, journal, stateDir } = where;
  if (!existsSync(path)) {
    if (!existsSync(journal) && !existsSync(store)) return [good("journal", "", "nothing is recorded yet")];
    return [missingKey(path)];
  }
  try {
    const key = storedKey(where);
    if (!key) return [missingKey(path)];
    const report = checkJournal(stateDir, key);
    const whole = good(
      "key",
      "",
      `${path} ${keyringId(path) === undefined ? "is there, for you alone" : "names the keyring's entry, which is there"}`,
    );
    if (!report) return [whole, good("journal", "", "nothing is recorded yet")];
    const [first] = report.problems;
    if (first) return [whole, bad("journal", "", first.what, "dotvault journal check")];
    const { readable } = report.events;
    return [whole, good("journal", "", `${count(readable, "event")}, the chain holds, every sealed row opens`)];
  } catch (error) {
    if (!(error instanceof DotvaultError)) throw error;
    const about = error.code.startsWith("key.") ? "key" : "journal";
    return [bad(about, "", error.message, error.hint ?? "dotvault journal check")];
  }
}

function missingKey(path: string): Finding {
  return bad("key", "", `${path} is missing`, `restore ${path} from a backup; without it nothing sealed can be opened`);
}

/** Whether anybody keeps the credentials alive. */
export function aboutAgent({ stateDir }: Paths): Finding[] {
  const holder = lockHolder({ directory: stateDir });
  if (holder) return [good("agent", "", `runs (pid ${holder.pid})`)];
  return [warning("agent", "", "no agent runs: nothing is rotated", "dotvault service install, or dotvault run")];
}

/** A proxy that can't be used stops every request. */
export function aboutProxy(env: Environment): Finding[] {
  const proxy = readProxy(env);
  if (proxy === undefined) {
    return [bad("proxy", "", "HTTPS_PROXY is not an address of an http(s) proxy", "set HTTPS_PROXY=http://host:port")];
  }
  if (proxy.httpsProxy === "") return [];
  const { host } = new URL(proxy.httpsProxy);
  return [good("proxy", "", `https goes by ${host}${proxy.noProxy === "" ? "" : `, but for ${proxy.noProxy}`}`)];
}
