import type { VaultAnswer } from "./answer.ts";

/** So often in a row a node may say that it has not caught up; then our index is from a cluster that is no more. */
const LONGEST_UNMET = 5;

/**
 * Reading what was written, whichever node answers. The standbys of a cluster answer reads by themselves, some
 * milliseconds behind the one that writes: every answer that names a state (`X-Vault-Index`) raises the state that later
 * requests insist on; a node behind it hands the request on, or says 412 (Vault) or 429 (OpenBao).
 *
 * https://openbao.org/community/rfcs/index-headers, https://developer.hashicorp.com/vault/docs/enterprise/consistency
 */
export class Consistency {
  #index: string | undefined;
  #unmet = 0;

  /** Headers of the next request. */
  headers(): Readonly<Record<string, string>> {
    if (this.#index === undefined) return {};
    return { "x-vault-index": this.#index, "x-vault-inconsistent": "forward-active-node" };
  }

  /** Takes note of an answer; `asked`: the headers that its request carried. */
  learn({ status, headers, body }: Omit<VaultAnswer, "serverTime">, asked: Readonly<Record<string, string>>): void {
    const shown = headers["x-vault-index"];
    if (shown !== undefined && !isBehind(shown, this.#index)) this.#index = shown;
    if (asked["x-vault-index"] === undefined) return;
    if (status === 400 && JSON.stringify(body ?? "").includes("X-Vault-Index")) this.#index = undefined;
    this.#unmet = status === 412 || status === 429 ? this.#unmet + 1 : 0;
    if (this.#unmet >= LONGEST_UNMET) this.#index = undefined;
  }
}

/** Answers may overtake each other. Only OpenBao's states can be compared; of others the last one counts. */
function isBehind(shown: string, known: string | undefined): boolean {
  const [one, other] = [positionOf(shown), positionOf(known)];
  return one !== undefined && other !== undefined && one.cluster === other.cluster && one.value < other.value;
}

function positionOf(index: string | undefined): { cluster: string; value: number } | undefined {
  try {
    const { cluster, value } = JSON.parse(Buffer.from(index ?? "", "base64").toString("utf8")) as Record<
      string,
      unknown
    >;
    return typeof cluster === "string" ? { cluster, value: Number(value) } : undefined;
  } catch {
    return undefined;
  }
}
