import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { type Paths, paths } from "../../src/config/paths.ts";

/** A person's home of its own: nothing of the real one reaches what runs in it. */
export interface Home {
  readonly directory: string;
  /** A place beside the home, for what its children print. */
  readonly printed: string;
  readonly where: Paths;
  /** What a child process sees. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes dotvault's configuration. */
  configure(yaml: string): void;
  /** Writes a file below the home. */
  put(path: string, text: string): string;
  read(path: string): string;
  remove(): void;
}

export function makeHome(more: Readonly<Record<string, string>> = {}): Home {
  const parent = mkdtempSync(join(tmpdir(), "dotvault-e2e-"));
  const [directory, printed] = [join(parent, "home"), join(parent, "printed")];
  for (const made of [directory, printed]) mkdirSync(made);
  const where = paths({}, process.platform, directory);
  const put = (path: string, text: string) => {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { mode: 0o600 });
    return target;
  };
  return {
    directory,
    printed,
    where,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: directory,
      XDG_CONFIG_DIRS: join(directory, "none"),
      ...compileCache(),
      ...more,
    },
    configure: (yaml) => void put(relative(directory, where.userConfig), yaml),
    put,
    read: (path) => readFileSync(join(directory, path), "utf8"),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

/** Every path below a directory with its kind, mode and content: two listings are equal only if nothing changed. */
export function listing(directory: string): Record<string, string> {
  const entries: Record<string, string> = {};
  if (!existsSync(directory)) return entries;
  for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    const facts = lstatSync(join(directory, path));
    const content = facts.isFile() ? digest(readFileSync(join(directory, path))) : "";
    entries[path] = `${facts.mode.toString(8)} ${content}`;
  }
  return entries;
}

export function digest(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A configuration as a person writes one. */
export interface Wish {
  readonly vault?: { readonly address: string; readonly mount?: string };
  /** Engine and settings by name. */
  readonly enrolments: Readonly<Record<string, { readonly engine: string; readonly settings?: object }>>;
  readonly rules?: readonly object[];
  readonly interval?: string;
}

/** YAML is a superset of JSON. */
export function configText({ vault, enrolments, rules = [], interval = "15m" }: Wish): string {
  return JSON.stringify({
    ...(vault && { vault: { address: vault.address, kv_mount: vault.mount ?? "secret", auth_method: "token" } }),
    sync: { interval },
    enrolments,
    rules,
  });
}

/** The rule of the starter configuration, for an enrolment of this name. */
export function jfRule(name = "jfrog", path = "~/.jfrog/jfrog-cli.conf.v6"): object {
  const server = [
    `"serverId": "{{ .server_id }}"`,
    `"url": "{{ .url }}/"`,
    `"artifactoryUrl": "{{ .url }}/artifactory/"`,
    `"accessToken": "{{ .access_token }}"`,
    `"user": "{{ .user }}"`,
  ];
  const template = `{ "servers": [{ ${server.join(", ")} }], "version": "6" }`;
  return { name: `${name.replaceAll("/", "-")}-file`, vault_key: name, target: { path, format: "json", template } };
}

/** One JFrog enrolment and jf's own file. */
export function jfrogWish(url: string, more: Partial<Wish> = {}): Wish {
  return { enrolments: { jfrog: { engine: "jfrog", settings: { url } } }, rules: [jfRule()], ...more };
}

/** Where the run of the tests keeps compiled modules: without it each start of ours compiles everything anew. */
function compileCache(): Record<string, string> {
  const { NODE_COMPILE_CACHE: directory } = process.env;
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: directory };
}
