import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEmbeddedStore } from "../../src/adapters/embedded/store.ts";
import type { Io, Screen } from "../../src/commands/cli/io.ts";
import { type Paths, paths } from "../../src/config/paths.ts";
import type { Key } from "../../src/seal/key.ts";
import { createKey } from "../../src/seal/key-file.ts";
import type { Simulator } from "../../src/simulator/simulator.ts";
import type { OpenBao } from "../../test/support/openbao.ts";

/** The program as a user starts it. */
export const program = fileURLToPath(new URL("../../bin/dotvault.js", import.meta.url));

/** A user's home with a configuration; removed at the end of its block. */
export interface Home extends Disposable {
  readonly path: string;
  readonly where: Paths;
  readonly key: Key;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly names: readonly string[];
  /** The file that the rule of an enrolment writes. */
  file(name: string): string;
  /** The process as a command would see it here. */
  readonly io: Io;
}

export interface Wanted {
  /** The JFrog platform that all enrolments are at. */
  readonly platform: string;
  readonly enrolments: number;
  /** Absent: the embedded store. The address of a Vault with KVv2 at `secret/`, and its token. */
  readonly vault?: { readonly address: string; readonly token: string };
}

export function makeHome({ platform, enrolments, vault }: Wanted): Home {
  const path = mkdtempSync(join(tmpdir(), "dotvault-bench-"));
  const where = paths({}, process.platform, path);
  const names = Array.from({ length: enrolments }, (_, index) => `service-${index}`);
  mkdirSync(dirname(where.userConfig), { recursive: true });
  writeFileSync(where.userConfig, configuration(names, platform, vault?.address), { mode: 0o600 });
  const env = {
    PATH: process.env.PATH,
    HOME: path,
    XDG_CONFIG_DIRS: join(path, "none"),
    ...(vault === undefined ? {} : { DOTVAULT_TOKEN: vault.token }),
  };
  return {
    path,
    where,
    names,
    env,
    key: createKey(where.key),
    file: (name) => join(path, "files", `${name}.json`),
    io: ioIn(path, env),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

function configuration(names: readonly string[], platform: string, vault: string | undefined): string {
  const enrolments = names.map((name) => `  ${name}: { engine: jfrog, settings: { url: "${platform}" } }\n`);
  const rules = names.map(
    (name) =>
      `  - name: ${name}\n    vault_key: ${name}\n    target:\n      path: ~/files/${name}.json\n      format: json\n` +
      `      template: '{"server": "{{ .url }}", "token": "{{ .access_token }}"}'\n`,
  );
  const store = vault === undefined ? "" : `vault: { address: "${vault}", kv_mount: secret, auth_method: token }\n`;
  return `${store}enrolments:\n${enrolments.join("")}rules:\n${rules.join("")}`;
}

export const osUser = userInfo().username;

function ioIn(home: string, env: Home["env"]): Io {
  const nowhere: Screen = { isTerminal: false, columns: 80, write() {} };
  return {
    env,
    home,
    platform: process.platform,
    cwd: home,
    user: osUser,
    now: Date.now,
    out: nowhere,
    err: nowhere,
    input: { isTerminal: false, readLine: async () => undefined },
  };
}

/** A pair of each enrolment, as an earlier enrolment would have left it in the store. */
function seededPairs(simulator: Simulator, { names }: Home): Map<string, Record<string, string>> {
  return new Map(names.map((name) => [name, seededPair(simulator)]));
}

function seededPair(simulator: Simulator): Record<string, string> {
  const { accessToken, refreshToken, pair } = simulator.seed({ user: "ada", seconds: 60 * 86_400, refreshable: true });
  return {
    access_token: accessToken,
    refresh_token: refreshToken ?? "",
    url: simulator.url,
    server_id: "default-server",
    user: "ada",
    issued_at: new Date(pair.issuedAt).toISOString(),
    expires_at: new Date(pair.expiresAt ?? 0).toISOString(),
  };
}

export async function seedEmbedded(simulator: Simulator, home: Home): Promise<void> {
  const store = createEmbeddedStore({ path: home.where.store, key: home.key, clock: Date.now });
  for (const [name, fields] of seededPairs(simulator, home)) await store.write(name, fields, 0);
  await store.close();
}

export async function seedVault(simulator: Simulator, home: Home, bao: OpenBao): Promise<void> {
  for (const [name, data] of seededPairs(simulator, home)) {
    await bao.api("POST", `secret/data/users/${osUser}/${name}`, { data });
  }
}
