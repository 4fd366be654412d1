import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Http } from "../../src/adapters/http/port.ts";
import type { VaultAnswer } from "../../src/adapters/vault/answer.ts";
import { createVaultClient } from "../../src/adapters/vault/client.ts";
import type { LoginMethod, LoginPorts, LoginResult, PersonPorts } from "../../src/adapters/vault/login/method.ts";

/** What a person at the terminal would see and say. */
export interface Scripted extends PersonPorts {
  readonly told: string[];
  readonly asked: { readonly question: string; readonly hidden: boolean }[];
}

/** @param answers one by one; a function is asked when its turn comes */
export function scripted(
  answers: readonly (string | (() => string))[],
  openBrowser: (url: string) => boolean = () => false,
): Scripted {
  const waiting = [...answers];
  const [told, asked]: [string[], Scripted["asked"]] = [[], []];
  return {
    told,
    asked,
    tell: (line) => void told.push(line),
    ask: async (question, { hidden }) => {
      asked.push({ question, hidden });
      const answer = waiting.shift();
      if (answer === undefined) throw new Error(`nobody answers ${question}`);
      return typeof answer === "string" ? answer : answer();
    },
    openBrowser: async (url) => openBrowser(url),
  };
}

/** Logs in against a server; a `kept` secret is handed back as the session does. Counts what was sent. */
export function loginDesk(http: Http, address: string, namespace?: string) {
  const sent: string[] = [];
  const counted: Http = {
    ...http,
    send: (request) => {
      sent.push(new URL(request.url).pathname.replace("/v1/", ""));
      return http.send(request);
    },
  };
  const client = createVaultClient({ address, namespace, http: counted, token: async () => undefined });
  let kept: Uint8Array | undefined;
  return {
    sent,
    get kept() {
      return kept;
    },
    async login(method: LoginMethod, more: Partial<LoginPorts> = {}): Promise<LoginResult> {
      const ports = { client, now: Date.now, ...more };
      const result = await method.login({ ...ports, kept });
      if (result.kind !== "kept") return result;
      kept = result.secret;
      return method.login({ ...ports, kept });
    },
    /** A request with a token that was got. */
    as: (token: string, path: string): Promise<VaultAnswer> => client.call({ method: "GET", path, token }),
  };
}

export function tokenOf(result: LoginResult): string {
  if (result.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(result)}`);
  return result.life.token;
}

/** Files of a test, gone with it. */
export function scratch(): { readonly dir: string; file(name: string, content: string): string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "dotvault-login-"));
  return {
    dir,
    file(name, content) {
      const path = join(dir, name);
      writeFileSync(path, `${content}\n`, { mode: 0o600 });
      return path;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The code of an `otpauth://totp/…` address at a time (RFC 6238: SHA-1, 6 digits, 30 s). */
export function totp(url: string, at = Date.now()): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const key = base32(new URL(url).searchParams.get("secret") ?? "");
  const hash = createHmac("sha1", key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

function base32(text: string): Buffer {
  const values = [...text.replace(/=+$/, "")].map((sign) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign));
  const bits = values.map((value) => value.toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
}
