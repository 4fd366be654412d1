import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digest, type Home } from "../home.ts";
import { keeps } from "./promises.ts";

/** A file that shows the token, in one format; beside it stands what somebody else wrote. */
interface Shown {
  readonly path: string;
  readonly format: string;
  readonly template: string;
  /** There before us, and there for ever. */
  readonly foreign: string;
  readonly token: RegExp;
}

const TOKEN = "([\\w.-]+)";

/** One a format, so that a kill meets every way to write a file. */
const SHOWN: readonly Shown[] = [
  {
    ...{ path: "shown/yaml/app.yaml", format: "yaml", template: "ours:\n  token: {{ .access_token }}\n" },
    ...{ foreign: "# by hand\ntheirs: kept\n", token: new RegExp(`^ {2}token: "?${TOKEN}"?$`, "m") },
  },
  {
    ...{ path: "shown/toml/app.toml", format: "toml", template: '[ours]\ntoken = "{{ .access_token }}"\n' },
    ...{ foreign: "# by hand\n[theirs]\nkept = true\n", token: new RegExp(`^token = "${TOKEN}"$`, "m") },
  },
  {
    ...{ path: "shown/ini/app.ini", format: "ini", template: "[ours]\ntoken = {{ .access_token }}\n" },
    ...{ foreign: "; by hand\n[theirs]\nkept = true\n", token: new RegExp(`^token = ${TOKEN}$`, "m") },
  },
  {
    ...{ path: "shown/netrc/netrc", format: "netrc" },
    template: "machine ours.example.com login ada password {{ .access_token }}\n",
    ...{ foreign: "# by hand\nmachine theirs.example.com login kept password kept\n" },
    token: new RegExp(`ours\\.example\\.com\\s+login ada\\s+password ${TOKEN}`),
  },
  {
    ...{ path: "shown/text/token", format: "text", template: "{{ .access_token }}\n" },
    ...{ foreign: "", token: new RegExp(`^${TOKEN}\n$`) },
  },
];

/** How many files one rotation writes: these and jf's own. */
export const FILES = SHOWN.length + 1;

export const SHOWN_RULES: readonly object[] = SHOWN.map(({ path, format, template }) => ({
  name: `shown-${format}`,
  vault_key: "jfrog",
  target: { path: `~/${path}`, format, template },
}));

/** What others wrote into these files before us. */
export function writeForeign(home: Home): void {
  for (const { path, foreign } of SHOWN) if (foreign !== "") home.put(path, foreign);
}

/** At any moment each file is whole, others' lines are in it, and a token in it was issued. */
export function assertFilesWhole(home: Home, isIssued: (digest: string) => boolean): void {
  for (const { path, foreign, token } of SHOWN) {
    const text = textOf(home, path);
    keeps("file", text !== undefined || foreign === "", `${path} is gone`);
    keeps("file", foreign === "" || text?.startsWith(foreign.trimEnd()), `what others wrote into ${path} is not there`);
    const found = text === undefined ? undefined : token.exec(text)?.[1];
    const isUntouched = text === undefined || text === foreign;
    keeps(
      "file",
      isUntouched || (found !== undefined && isIssued(digest(found))),
      `${path} holds no token that was issued`,
    );
  }
}

/** Each file holds this very token, and nothing lies beside it. */
export function assertFilesShow(home: Home, accessDigest: string): void {
  for (const { path, token } of SHOWN) {
    const found = token.exec(textOf(home, path) ?? "")?.[1];
    keeps(
      "file",
      found !== undefined && digest(found) === accessDigest,
      `${path} holds another token than the live one`,
    );
    const folder = dirname(join(home.directory, path));
    keeps("file", readdirSync(folder).length === 1, `beside ${path}: ${readdirSync(folder)}`);
  }
}

function textOf(home: Home, path: string): string | undefined {
  const file = join(home.directory, path);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
