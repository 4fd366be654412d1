/**
 * Tokens that a person had revoked by id (`token revoke`), beside what the enrolment's machine revokes by itself. A fold: each
 * token is one repeatable intent, and its outcome an event.
 */

export const REVOCATIONS_VERSION = 1;

export const REVOKE_TOKEN = "revokeToken";

export type RevocationEvent = { readonly at: number } & (
  | { readonly type: "REVOCATION_ASKED"; readonly tokens: readonly string[] }
  /** `how`: `revoked`, or `already`. */
  | { readonly type: "TOKEN_REVOKED"; readonly tokenId: string; readonly how: string }
  /** The service said no, or the token is in use; it is not asked again. */
  | { readonly type: "TOKEN_KEPT"; readonly tokenId: string; readonly class: string; readonly message: string }
);

export type RevocationsSnapshot = {
  readonly value: "idle" | "revoking";
  readonly waiting: readonly string[];
  /** What became of those that were asked for last. */
  readonly ended: readonly { readonly tokenId: string; readonly how: string | null; readonly message: string | null }[];
};

export const initialRevocations: RevocationsSnapshot = { value: "idle", waiting: [], ended: [] };

/** A recorded snapshot. Undefined: nothing is recorded yet. */
export function revocationsSnapshot(recorded: unknown): RevocationsSnapshot {
  return { ...initialRevocations, ...(recorded as Partial<RevocationsSnapshot> | undefined) };
}

export function foldRevocations(before: RevocationsSnapshot, event: RevocationEvent): RevocationsSnapshot {
  if (event.type === "REVOCATION_ASKED") {
    const waiting = [...new Set([...before.waiting, ...event.tokens])];
    return { value: "revoking", waiting, ended: [] };
  }
  const { tokenId } = event;
  const waiting = before.waiting.filter((id) => id !== tokenId);
  const end =
    event.type === "TOKEN_REVOKED"
      ? { tokenId, how: event.how, message: null }
      : { tokenId, how: null, message: event.message };
  const ended = [...before.ended.filter((each) => each.tokenId !== tokenId), end];
  return { value: waiting.length > 0 ? "revoking" : "idle", waiting, ended };
}
