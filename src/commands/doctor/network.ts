import { existsSync } from "node:fs";
import { join } from "node:path";
import { createHttp } from "../../adapters/http/create.ts";
import { type Http, type HttpAnswer, HttpFailure } from "../../adapters/http/port.ts";
import { StoreFailure } from "../../adapters/store-port.ts";
import { endpointOf } from "../../adapters/vault/addresses.ts";
import type { VaultAnswer } from "../../adapters/vault/answer.ts";
import { createVaultClient, type VaultClient } from "../../adapters/vault/client.ts";
import { isTokenAlive } from "../../adapters/vault/denial.ts";
import { kvPaths } from "../../adapters/vault/paths.ts";
import type { Config } from "../../config/config.ts";
import { generateKey } from "../../seal/key.ts";
import type { Finding } from "../../terminal/doctor.ts";
import { span } from "../../terminal/times.ts";
import { pathsOf } from "../assembly/config.ts";
import { storedKey } from "../assembly/keys.ts";
import { borrowedSession, vaultHttp, vaultPort } from "../assembly/vault.ts";
import type { Io } from "../cli/io.ts";
import { bad, good, warning } from "./finding.ts";

/** Clocks further apart than this are told; the agent reckons with it. Milliseconds. */
const SKEW = 60_000;
/** Artifactory's first version with the web login. */
const WEB_LOGIN = [7, 64, 0] as const;

/** Vault and every platform, asked once each. */
export async function aboutNetwork(config: Config, io: Io): Promise<Finding[]> {
  const parts = [
    aboutVault(config, io),
    ...config.enrolments
      .filter(({ settings }) => typeof settings.url === "string")
      .map(({ key, settings }) => aboutPlatform(key, String(settings.url), io)),
  ];
  return (await Promise.all(parts)).flat();
}

async function withHttp<T>(http: Http, work: (http: Http) => Promise<T>): Promise<T> {
  try {
    return await work(http);
  } finally {
    await http.close();
  }
}

async function aboutVault({ vault }: Config, io: Io): Promise<Finding[]> {
  const { address, moreAddresses = [] } = vault;
  if (address === undefined) return [good("store", "", "the embedded store, sealed on this machine")];
  const skipped = vault.tls.skipVerify
    ? [warning("store", address, "its certificate is not checked", "remove vault.tls_skip_verify, set vault.ca_cert")]
    : [];
  const looks = await Promise.all([address, ...moreAddresses].map((each) => aboutAddress(each, vault, io)));
  const serves = looks.some((found) => found.every(({ verdict }) => verdict !== "bad"));
  const found = [...skipped, ...looks.flat().map((finding) => (serves ? spared(finding) : finding))];
  if (!serves) return found;
  return withHttp(await vaultHttp(vault, io), async (http) => [
    ...found,
    ...(await aboutToken(vault, address, http, io)),
  ]);
}

/** One of several servers is away: the others serve. */
function spared(finding: Finding): Finding {
  return finding.verdict === "bad" ? { ...finding, verdict: "warning" } : finding;
}

async function aboutAddress(address: string, vault: Config["vault"], io: Io): Promise<Finding[]> {
  return withHttp(await vaultHttp({ ...vault, address, moreAddresses: [] }, io), async (http) => {
    try {
      const health = await http.send({ method: "GET", url: `${endpointOf(address)}/v1/sys/health?standbyok=true` });
      return [...clockOf(address, health, io), healthOf(address, health.status)];
    } catch (error) {
      return [unreachable("store", address, error)];
    }
  });
}

/** https://developer.hashicorp.com/vault/api-docs/system/health */
function healthOf(address: string, status: number): Finding {
  if (status === 200 || status === 429 || status === 473) return good("store", address, "is there and unsealed");
  if (status === 503) return bad("store", address, "is sealed", "have its operators unseal it; files stay as they are");
  if (status === 501) return bad("store", address, "is not initialised", "ask its operators");
  return bad("store", address, `answers its health with ${status}`, "is this the address of Vault or OpenBao?");
}

async function aboutToken(vault: Config["vault"], address: string, http: Http, io: Io): Promise<Finding[]> {
  const where = pathsOf(io);
  const key = storedKey(where);
  const port = await vaultPort({ ...vault, address }, io, { http, key: key ?? generateKey(), warn: () => {} });
  // The agent's: a look must use up no secret id, and leave no token behind.
  const { token } = borrowedSession(port, where, key);
  const client = createVaultClient({ address, namespace: vault.namespace, token, http });
  try {
    const looked = await client.call({ method: "GET", path: "auth/token/lookup-self" });
    if (looked.status === 403 && !(await isTokenAlive(client))) {
      return [bad("store", "token", "Vault refuses the token", freshToken(vault, io))];
    }
    return [lifeOf(looked, freshToken(vault, io)), ...(await aboutPolicy(vault, client, io))];
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    return [bad("store", "token", error.message, error.hint ?? "dotvault status")];
  }
}

/** What brings another token, by where this one came from. */
function freshToken({ login }: Config["vault"], { env, home }: Io): string {
  if (env.DOTVAULT_TOKEN?.trim()) return "set DOTVAULT_TOKEN to a new one; it comes before the file and every login";
  if (login === undefined) return "put a new one into ~/.dotvault-token";
  const brought = existsSync(join(home, ".dotvault-token"));
  return brought ? "remove ~/.dotvault-token: it comes before the login" : "dotvault login";
}

function lifeOf({ status, body }: VaultAnswer, fix: string): Finding {
  if (status === 403) return good("store", "token", "is accepted; its policies do not let it look itself up");
  const { ttl, renewable } = (body as { data?: { ttl?: number; renewable?: boolean } } | undefined)?.data ?? {};
  if (ttl === undefined || Number(ttl) === 0) return good("store", "token", "is accepted, and has no end");
  const left = span(Number(ttl) * 1000);
  if (renewable === true || Number(ttl) > 24 * 3600) return good("store", "token", `is accepted for another ${left}`);
  return warning("store", "token", `ends in ${left}, and can't be renewed`, fix);
}

/** What the token may do where the secrets lie (sys/capabilities-self). */
async function aboutPolicy(vault: Config["vault"], client: VaultClient, io: Io): Promise<Finding[]> {
  const paths = kvPaths(vault.kvMount, vault.userPrefix, io.user);
  const needed = [
    { path: paths.of("data", ["jfrog"]).policy, wanted: ["create", "read", "update"] },
    { path: paths.of("delete", ["jfrog"]).policy, wanted: ["update"] },
  ];
  const answer = await client.call({
    method: "POST",
    path: "sys/capabilities-self",
    json: { paths: needed.map(({ path }) => path) },
  });
  if (answer.status === 403) return [unknownPolicy()];
  const allowed = (answer.body as { data?: Record<string, string[]> } | undefined)?.data ?? {};
  return needed.map(({ path, wanted }) => {
    const has = allowed[path] ?? [];
    const lacking = has.includes("root") ? [] : wanted.filter((capability) => !has.includes(capability));
    const place = path.replace(/\/jfrog$/, "/*");
    if (lacking.length === 0) return good("store", "policy", `${place}: ${wanted.join(", ")}`);
    const rule = `path "${place}" { capabilities = [${wanted.map((word) => `"${word}"`).join(", ")}] }`;
    return bad("store", "policy", `${place} lacks ${lacking.join(", ")}`, `add to the token's policy: ${rule}`);
  });
}

function unknownPolicy(): Finding {
  const rule = 'path "sys/capabilities-self" { capabilities = ["update"] }';
  return warning("store", "policy", "the token may not ask what it may do", `to have it checked here: ${rule}`);
}

async function aboutPlatform(name: string, url: string, io: Io): Promise<Finding[]> {
  return withHttp(createHttp({ env: io.env }), async (http) => {
    try {
      const ping = await http.send({ method: "GET", url: `${url}/access/api/v1/system/ping` });
      const host = new URL(url).host;
      if (ping.status !== 200 || ping.body.trim() !== "OK") {
        return [
          bad("service", name, `${host} answers its ping with ${ping.status}`, "is settings.url the platform's own?"),
        ];
      }
      const version = await http.send({ method: "GET", url: `${url}/artifactory/api/system/version` });
      return [...clockOf(host, ping, io), versionOf(name, host, version)];
    } catch (error) {
      return [unreachable("service", name, error)];
    }
  });
}

function versionOf(name: string, host: string, { status, body }: HttpAnswer): Finding {
  const version = /"version"\s*:\s*"(\d+)\.(\d+)\.(\d+)/.exec(status === 200 ? body : "");
  if (!version) return good("service", name, `${host} is there (it tells its version to those who sign in)`);
  const parts = version.slice(1).map(Number);
  const older = WEB_LOGIN.map((wanted, i) => (parts[i] ?? 0) - wanted).find((difference) => difference !== 0) ?? 0;
  const shown = parts.join(".");
  if (older >= 0) return good("service", name, `${host} is there, Artifactory ${shown}`);
  const fix = `update Artifactory to ${WEB_LOGIN.join(".")} or newer`;
  return bad("service", name, `${host} is Artifactory ${shown}, which has no web login`, fix);
}

function clockOf(host: string, { serverTime }: HttpAnswer, io: Io): Finding[] {
  const skew = serverTime === undefined ? 0 : serverTime - io.now();
  if (Math.abs(skew) <= SKEW) return [];
  const direction = skew > 0 ? "behind" : "ahead of";
  const message = `this machine's clock is ${span(Math.abs(skew))} ${direction} ${host}'s; it is reckoned with`;
  return [warning("clock", "", message, "have the clock set by NTP: timedatectl set-ntp true")];
}

const FIXES: Partial<Record<HttpFailure["reason"], string>> = {
  refused: "does it run there? look at the address and the port",
  dns: "look at the address, and at the name servers",
  tls: "set vault.ca_cert, or NODE_EXTRA_CA_CERTS, to the authority of its certificate",
  proxy: "look at HTTPS_PROXY and NO_PROXY",
  "connect-timeout": "is there a way to it? a VPN, a proxy (HTTPS_PROXY)",
};

function unreachable(about: string, name: string, error: unknown): Finding {
  if (!(error instanceof HttpFailure)) throw error;
  return bad(about, name, error.message, FIXES[error.reason] ?? "try again; dotvault retries by itself");
}
