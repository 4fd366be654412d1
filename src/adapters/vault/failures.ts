import type { HttpFailure, HttpFailureReason } from "../http/port.ts";
import { StoreFailure, type StoreFailureClass } from "../store-port.ts";
import type { VaultAnswer } from "./answer.ts";

/** What was asked, for the words of a failure. */
export interface Asked {
  /** What a policy must grant. */
  readonly capability: "read" | "create" | "update" | "list";
  /** As a policy spells it: `kv/data/users/alice/jfrog`. */
  readonly path: string;
}

const classByReason: Partial<Record<HttpFailureReason, StoreFailureClass>> = {
  tls: "store.tls",
  "not-allowed": "store.refused",
  protocol: "store.odd-answer",
  "too-large": "store.odd-answer",
};

const hintByReason: Partial<Record<HttpFailureReason, string>> = {
  refused: "is the server up, and vault.address right",
  dns: "check vault.address, the network and the VPN",
  tls: "set vault.ca_cert to the file of the CA that signed its certificate",
  // TLS 1.3 ends so, without a word, when the client's certificate is missing.
  reset: "if it lasts: does this server ask for a client certificate (vault.client_cert)",
  proxy: "check HTTPS_PROXY and NO_PROXY",
  protocol: "is that address Vault's? https and http may be mixed up in vault.address",
  "not-allowed": "plain http is for loopback only: use https in vault.address",
};

/** No answer arrived. */
export function fromHttpFailure(failure: HttpFailure): StoreFailure {
  const own = /client (certificate|key)/.test(failure.message);
  const hint = own ? "check vault.client_cert and vault.client_key" : hintByReason[failure.reason];
  return new StoreFailure(classByReason[failure.reason] ?? "store.unreachable", failure.message, {
    sent: failure.sent,
    ...(hint !== undefined && { hint }),
  });
}

/** An answer that is neither what was asked for nor a 403 (see denial.ts) nor a CAS mismatch. */
export function fromAnswer(answer: VaultAnswer, asked: Asked): StoreFailure {
  const words = serverWords(answer);
  const after = retryAfterMs(answer);
  const failure = (failureClass: StoreFailureClass, message: string, more: { hint?: string; sent?: "maybe" } = {}) =>
    new StoreFailure(failureClass, message, { ...more, ...(after !== undefined && { retryAfterMs: after }) });

  if (answer.status === 503 && /sealed/i.test(words)) {
    return failure("store.sealed", "vault is sealed", { hint: "someone with the unseal keys has to unseal it" });
  }
  if (answer.status === 429) return failure("store.throttled", "vault answered 429 (too many requests)");
  // 412: the server has not caught up with a write; 400 "Waiting for the primary": a fresh mount on a standby.
  if (answer.status === 412 || /waiting for the primary/i.test(words)) {
    return failure("store.unavailable", `vault is catching up (${answer.status})`);
  }
  if (answer.status >= 500) {
    return failure("store.unavailable", `vault answered ${answer.status}${detail(words)}`, { sent: "maybe" });
  }
  if (answer.status === 404 && /no handler for route/i.test(words)) {
    return failure("store.no-mount", `vault has nothing mounted at ${asked.path}`, {
      hint: "check vault.kv_mount, or ask for a KV version 2 mount there",
    });
  }
  if (answer.status >= 300 && answer.status < 400) {
    const hint =
      "passes if the cluster is electing a leader; if it lasts: no redirect is followed with a token, so set vault.address to the cluster's own";
    return failure("store.unavailable", `vault redirects to another address (${answer.status})`, { hint });
  }
  if (answer.status < 300) return oddAnswer(answer, asked);
  return failure(
    "store.refused",
    `vault answered ${answer.status} to ${asked.capability} ${asked.path}${detail(words)}`,
  );
}

/** The server's clock, milliseconds since the epoch: leases and skew are reckoned by it, never by ours instead. */
export function serverTimeOf(answer: VaultAnswer, asked: Asked): number {
  if (answer.serverTime !== undefined) return answer.serverTime;
  throw new StoreFailure("store.odd-answer", `${asked.path}: the answer has no Date header`, {
    sent: "maybe",
    hint: "a proxy in front of Vault takes it away: dotvault needs the server's time",
  });
}

/** Never written, or nothing below that folder. */
export function isAbsent(answer: VaultAnswer): boolean {
  const errors = (answer.body as { errors?: unknown } | undefined)?.errors;
  return answer.status === 404 && Array.isArray(errors) && errors.length === 0;
}

/** A success that does not have the shape of KV version 2. It may have had its effect. */
export function oddAnswer(answer: VaultAnswer, asked: Asked): StoreFailure {
  const version1 = typeof answer.body !== "string";
  return new StoreFailure("store.odd-answer", `${asked.path}: the answer (${answer.status}) is not KV version 2's`, {
    sent: "maybe",
    hint: version1
      ? "is vault.kv_mount a KV version 1 mount? dotvault needs version 2 (check-and-set)"
      : "something between here and Vault answers with a page of its own: check vault.address and the proxy",
  });
}

/** The server's own error texts as one short line; empty when there are none. */
export function serverWords(answer: VaultAnswer): string {
  const errors = (answer.body as { errors?: unknown } | undefined)?.errors;
  if (!Array.isArray(errors)) return "";
  const texts = errors.filter((error): error is string => typeof error === "string");
  return texts
    .join("; ")
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, 200);
}

function detail(words: string): string {
  return words === "" ? "" : `: ${words}`;
}

/** RFC 9110 §10.2.3: seconds, or a date, which is compared with the server's own clock. */
function retryAfterMs(answer: VaultAnswer): number | undefined {
  const value = answer.headers["retry-after"]?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) || answer.serverTime === undefined ? undefined : Math.max(0, at - answer.serverTime);
}
