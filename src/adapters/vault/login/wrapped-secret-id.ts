import { createHash } from "node:crypto";
import { asDocument } from "../documents.ts";
import { concludeLogin } from "./conclude.ts";
import { loginPath } from "./credentials.ts";
import type { LoginMethod, LoginPorts, LoginResult } from "./method.ts";
import { lineOf, markOf } from "./read.ts";
import { textOf, unwrapped } from "./unwrap.ts";

export interface WrappedSecretId {
  readonly roleIdFile: string;
  /** Holds a wrapping token for the secret id. */
  readonly secretIdFile: string;
  /** Where it must have been made: `auth/approle/role/dev/secret-id`. */
  readonly wrappingPath: string;
}

/** What stays of an opened wrapping token: the secret id serves every login until the file holds another one. */
interface Kept {
  readonly secretId: string;
  /** SHA-256 of the wrapping token that it came in. */
  readonly from: string;
}

/** AppRole with a secret id that came wrapped: opened once, kept, and presented only after that. */
export function wrappedSecretIdLogin(mount: string, files: WrappedSecretId): LoginMethod {
  const { roleIdFile, secretIdFile, wrappingPath } = files;
  return {
    name: "approle",
    needsPerson: false,
    fingerprint: async () => {
      return JSON.stringify([mount, wrappingPath, await markOf(roleIdFile), await markOf(secretIdFile)]);
    },
    async login(ports) {
      const [roleId, wrapping] = [await lineOf(roleIdFile), await lineOf(secretIdFile)];
      const from = createHash("sha256").update(wrapping).digest("hex");
      const kept = keptFrom(ports.kept);
      if (kept?.from !== from) return opened(wrapping, from, wrappingPath, ports);
      const { client, now, signal } = ports;
      const askedAt = now();
      const json = { role_id: roleId, secret_id: kept.secretId };
      const answer = await client.call({ method: "POST", path: loginPath(mount), json, token: false, signal });
      return concludeLogin(answer, mount, askedAt, ports);
    },
  };
}

async function opened(token: string, from: string, expected: string, ports: LoginPorts): Promise<LoginResult> {
  const isExpected = (path: string) => path === expected;
  const answer = await unwrapped(ports.client, { token, isExpected, expected }, ports.signal);
  if ("kind" in answer) return answer;
  const secretId = textOf(answer, "secret_id");
  if (secretId !== undefined) return { kind: "kept", secret: Buffer.from(JSON.stringify({ secretId, from })) };
  const hint = "wrap the answer of auth/approle/role/<name>/secret-id";
  return { kind: "refused", class: "login.wrapped.malformed", message: "what was wrapped is no secret id", hint };
}

function keptFrom(bytes: Uint8Array | undefined): Kept | undefined {
  const kept = bytes === undefined ? undefined : asDocument(JSON.parse(Buffer.from(bytes).toString("utf8")));
  const { secretId, from } = kept ?? {};
  return typeof secretId === "string" && typeof from === "string" ? { secretId, from } : undefined;
}
