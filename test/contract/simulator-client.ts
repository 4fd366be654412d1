/** The requests of jfrog-access-api.md, as tests and the demo send them to an instance. No retries, no judgement. */

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body's JSON object; empty when there is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Tokens {
  readonly tokenId: string;
  readonly access: string;
  readonly refresh: string;
  readonly reference: string;
}

async function reply(pending: Promise<Response>): Promise<Reply> {
  const response = await pending;
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: objectIn(text) };
}

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const field = (json: Reply["json"], name: string): string => (typeof json[name] === "string" ? json[name] : "");

/** The tokens of a 200; missing ones are empty. */
export const tokensOf = ({ json }: Reply): Tokens => ({
  tokenId: field(json, "token_id"),
  access: field(json, "access_token"),
  refresh: field(json, "refresh_token"),
  reference: field(json, "reference_token"),
});

export const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

const TOKENS = "/access/api/v1/tokens";
const LOGIN = "/access/api/v2/authentication/jfrog_client_login";

/** A client of the instance at that address. */
export function client(url: string) {
  const send = (path: string, init: RequestInit = {}): Promise<Reply> => reply(fetch(`${url}${path}`, init));
  const sendJson = (method: string, path: string, body: unknown, token?: string): Promise<Reply> =>
    send(path, {
      method,
      headers: { "content-type": "application/json", ...bearer(token) },
      body: JSON.stringify(body),
    });
  return {
    send,
    sendJson,
    get: (path: string, token?: string) => send(path, { headers: bearer(token) }),
    register: (session: string) => sendJson("POST", `${LOGIN}/request`, { session }),
    poll: (session: string) => send(`${LOGIN}/token/${session}`),
    mint: (token: string, fields: Record<string, unknown> = {}) => sendJson("POST", TOKENS, fields, token),
    /** `authorization: null`: none is sent. */
    refresh: (tokens: Tokens, more: Record<string, string> = {}, authorization: string | null = tokens.access) =>
      send(TOKENS, {
        method: "POST",
        headers: bearer(authorization ?? undefined),
        body: new URLSearchParams({
          grant_type: "refresh_token",
          access_token: tokens.access,
          refresh_token: tokens.refresh,
          ...more,
        }),
      }),
    show: (token: string, id = "me") => send(`${TOKENS}/${id}`, { headers: bearer(token) }),
    revoke: (token: string, id = "me") => send(`${TOKENS}/${id}`, { method: "DELETE", headers: bearer(token) }),
    list: (token: string, description: string) =>
      send(`${TOKENS}?description=${encodeURIComponent(description)}`, { headers: bearer(token) }),
  };
}
