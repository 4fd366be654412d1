/** A sealed secret's name; the bytes stay in the journal's sealed rows. A pair's digest is that of its facts. */
export type SecretRef = {
  readonly id: string;
  readonly kind: "session" | "bootstrap" | "pair" | "vaultToken" | "wrapped" | "pkce";
  readonly digest: string;
};

/**
 * Ids of all sealed secrets that a JSON value mentions. A secret lives exactly as long as its stream's snapshot or an
 * open intent of it mentions it (docs/adr/0003).
 */
export function secretIds(json: unknown, into: Set<string> = new Set()): Set<string> {
  if (Array.isArray(json)) for (const item of json) secretIds(item, into);
  else if (typeof json === "object" && json !== null) {
    if (isRef(json)) into.add(json.id);
    for (const item of Object.values(json)) secretIds(item, into);
  }
  return into;
}

function isRef(value: object): value is { id: string } {
  return "id" in value && typeof value.id === "string" && "kind" in value && "digest" in value;
}
