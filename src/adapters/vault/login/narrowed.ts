import type { VaultAnswer } from "../answer.ts";
import type { VaultClient } from "../client.ts";
import { asDocument } from "../documents.ts";
import { fromAnswer, serverWords } from "../failures.ts";
import { type Life, lifeFrom } from "../life.ts";
import { revokeSelf } from "../self.ts";
import type { LoginMethod, LoginPorts, LoginResult } from "./method.ts";

/** What the token in use may do at most. */
export interface Narrowing {
  readonly policies: readonly string[];
  readonly noDefaultPolicy: boolean;
  /** The token role to make it by; one with `orphan=true` lets it outlive the login's token. */
  readonly tokenRole?: string | undefined;
}

/**
 * The same login, whose token is exchanged for a child with less power. The child is the only one that is kept. Without a
 * child there is no login: the mightier token is ended, never used.
 * https://openbao.org/api-docs/auth/token/#create-token
 */
export function narrowed(method: LoginMethod, narrowing: Narrowing): LoginMethod {
  return {
    ...method,
    fingerprint: async () => JSON.stringify([await method.fingerprint(), narrowing]),
    async login(ports) {
      const result = await method.login(ports);
      return result.kind === "granted" ? childOf(result.life, narrowing, ports) : result;
    },
  };
}

async function childOf(parent: Life, narrowing: Narrowing, ports: LoginPorts): Promise<LoginResult> {
  const made = await exchanged(parent, narrowing, ports).catch(async (error: unknown) => {
    await end(parent, ports.client);
    throw error;
  });
  if (!("orphan" in made) || made.orphan) await end(parent, ports.client);
  return "orphan" in made ? { kind: "granted", life: made.life } : made;
}

/** Nobody will use it any more. Best effort: it ends by itself. */
async function end(parent: Life, client: VaultClient): Promise<void> {
  await revokeSelf({ client, token: parent.token }).catch(() => undefined);
}

interface Child {
  readonly life: Life;
  /** Its parent's end is not its own. */
  readonly orphan: boolean;
}

async function exchanged(parent: Life, narrowing: Narrowing, ports: LoginPorts): Promise<Child | LoginResult> {
  const { client, now, signal } = ports;
  const { policies, noDefaultPolicy, tokenRole } = narrowing;
  const path = tokenRole === undefined ? "auth/token/create" : `auth/token/create/${tokenRole}`;
  const askedAt = now();
  const json = { policies, no_default_policy: noDefaultPolicy, display_name: "dotvault", renewable: true };
  const answer = await client.call({ method: "POST", path: encodeURI(path), json, token: parent.token, signal });
  const auth = answer.status === 200 ? asDocument(asDocument(answer.body)?.auth) : undefined;
  const child = lifeFrom(auth, askedAt);
  if (child === undefined) return refusalOf(answer, path);
  // The server knows the holder by the login's token only.
  const life = { ...child, who: child.who ?? parent.who };
  const orphan = auth?.orphan === true;
  await lookAt(life, orphan, ports);
  return { orphan, life: orphan ? life : withinParent(life, parent) };
}

/** A child dies with its parent, which nobody renews: however long it was given, it is due when the parent would be. */
function withinParent(child: Life, parent: Life): Life {
  if (parent.expiresAt === Number.POSITIVE_INFINITY) return child;
  const [expiresAt, dueAt] = [Math.min(child.expiresAt, parent.expiresAt), Math.min(child.dueAt, parent.dueAt)];
  return { ...child, expiresAt, dueAt, renewable: false };
}

/** What every token may do by Vault's default policy, and a token without that one only where a policy says so. */
const SELF = [
  { method: "GET", path: "auth/token/lookup-self", capability: "read", why: "whether it is alive can't be asked" },
  { method: "POST", path: "auth/token/renew-self", capability: "update", why: "it can't be renewed" },
] as const;

async function lookAt({ token }: Life, orphan: boolean, { client, signal, warn }: LoginPorts): Promise<void> {
  for (const { method, path, capability, why } of orphan ? SELF : SELF.slice(0, 1)) {
    const answer = await client.call({ method, path, token, signal, ...(method === "POST" && { json: {} }) });
    if (answer.status !== 403) continue;
    warn?.(
      `the narrowed token lacks a rule, ${why}: add to vault.policies path "${path}" { capabilities = ["${capability}"] }`,
    );
  }
}

function refusalOf(answer: VaultAnswer, path: string): LoginResult {
  const refused = { kind: "refused", class: `login.narrowed.${answer.status}` } as const;
  if (answer.status === 403) {
    const message = "the login's policies do not allow to make the narrowed token that vault.policies asks for";
    return { ...refused, message, hint: `needed there: path "${path}" { capabilities = ["update"] }` };
  }
  if (answer.status === 200 || answer.status === 400 || answer.status === 404) {
    const message = `vault refuses the narrowed token: ${serverWords(answer) || answer.status}`;
    return { ...refused, message, hint: "vault.policies may name only policies that the login's role grants" };
  }
  throw fromAnswer(answer, { capability: "update", path });
}
