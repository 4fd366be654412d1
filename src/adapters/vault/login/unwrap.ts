import type { VaultAnswer } from "../answer.ts";
import type { VaultClient } from "../client.ts";
import { dataOf } from "../documents.ts";
import { fromAnswer, serverWords } from "../failures.ts";
import type { LoginResult } from "./method.ts";

/**
 * Opens a wrapping token: once, and only when it was made where it should have been. Anything else that is done with a
 * wrapping token uses it up; the look before costs nothing.
 * https://openbao.org/docs/concepts/response-wrapping/#response-wrapping-token-validation
 *
 * @param isExpected judges `creation_path`
 * @returns the wrapped answer, or a refusal
 */
export async function unwrapped(
  client: VaultClient,
  { token, isExpected, expected }: WrappingToken,
  signal?: AbortSignal,
): Promise<VaultAnswer | Extract<LoginResult, { kind: "refused" }>> {
  const asked = { method: "POST", path: "sys/wrapping/lookup", json: { token }, token: false, signal } as const;
  const looked = await client.call(asked);
  if (looked.status !== 200) return spentOrThrow(looked, "sys/wrapping/lookup");
  const path = dataOf(looked.body).creation_path;
  if (typeof path !== "string" || !isExpected(path)) return strange(String(path), expected);
  const opened = await client.call({ method: "POST", path: "sys/wrapping/unwrap", json: {}, token, signal });
  return opened.status === 200 ? opened : spentOrThrow(opened, "sys/wrapping/unwrap");
}

export interface WrappingToken {
  readonly token: string;
  readonly isExpected: (creationPath: string) => boolean;
  /** The same for a person. */
  readonly expected: string;
}

function spentOrThrow(answer: VaultAnswer, path: string): Extract<LoginResult, { kind: "refused" }> {
  const spent = [400, 403, 404].includes(answer.status) && !/waiting for the primary/i.test(serverWords(answer));
  if (!spent) throw fromAnswer(answer, { capability: "update", path });
  return {
    kind: "refused",
    class: `login.wrapped.${answer.status}`,
    message: "the wrapping token is used up, expired or mistyped",
    hint: "put a new one into its file; if nobody of yours has opened this one, somebody else may have: tell the operators of Vault",
  };
}

function strange(path: string, expected: string): Extract<LoginResult, { kind: "refused" }> {
  const shown = path.replace(/[\s\p{C}]+/gu, " ").slice(0, 200);
  return {
    kind: "refused",
    class: "login.wrapped.other-origin",
    message: `the wrapping token was made at ${shown}, and not at ${expected}: it has not been opened`,
    hint: "somebody may have put another one in its place; or set the path in the configuration right",
  };
}

/** A text of the wrapped answer's `data`. */
export function textOf(answer: VaultAnswer, field: string): string | undefined {
  const value = dataOf(answer.body)[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}
