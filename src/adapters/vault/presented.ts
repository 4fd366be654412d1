/** Members of a request, and of its query, that hold secrets. `data`: a document of the KV store. */
const SECRETS: ReadonlySet<string> = new Set([
  ...["password", "secret_id", "jwt", "id_token", "token", "mfa_payload", "data"],
  ...["code", "state", "nonce", "client_nonce"],
]);

/** A shorter text stands in too many words; one-time codes are over before anybody reads them. */
const SHORTEST = 8;

/**
 * A refusal's text without what was presented, should the server, or a gateway before it, have repeated it: its words are
 * shown to people and kept in the journal.
 */
export function withoutPresented(text: string, { token, json, uri }: Presented): string {
  const query = [...(URL.parse(uri)?.searchParams ?? [])].flatMap(([name, value]) =>
    SECRETS.has(name) ? [value] : [],
  );
  const secrets = [token, ...query, ...secretsIn(json)].filter((each) => each !== undefined && each.length >= SHORTEST);
  return secrets.reduce<string>((rest, secret) => rest.replaceAll(secret ?? "", "…"), text);
}

interface Presented {
  readonly token: string | undefined;
  readonly json: unknown;
  readonly uri: string;
}

function secretsIn(json: unknown): string[] {
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => (SECRETS.has(name) ? textsIn(value) : []));
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
