import type { HttpAnswer } from "../../http/port.ts";
import type { Fields, Refused, Trouble } from "../port.ts";
import { isObject, jsonObject, member } from "./body.ts";
import { asTokenId, readClaims } from "./claims.ts";
import { asked, call, isTrouble, type Jfrog, presentable, secretsOf } from "./client.ts";
import { usableToken } from "./fields.ts";
import { succeeded, unusable, verdict } from "./verdict.ts";

/** Five minutes, unless the token says otherwise. https://jfrog.com/help/r/jfrog-rest-apis/create-a-pairing-token */
const LIFE = 300_000;
/** An administrator may have many tokens. */
const longestList = 8 * 1024 * 1024;

/** Ties one JFrog service to another: for one use. */
export interface Pairing {
  readonly kind: "created";
  readonly token: string;
  /** Milliseconds, by this machine's clock. */
  readonly endsAt: number;
}

/** A pairing token of that service for that use case, made with an administrator's token. */
export async function createPairing(
  jfrog: Jfrog,
  admin: Fields,
  { service, useCase }: { readonly service: string; readonly useCase: string },
  signal: AbortSignal,
): Promise<Pairing | Refused | Trouble> {
  const shown = presentable(jfrog, admin);
  if ("kind" in shown) return shown;
  const path = `/${encodeURIComponent(service)}/api/v1/service_trust/pairing/${useCase.split("/").map(encodeURIComponent).join("/")}`;
  const answer = await call(jfrog, { method: "POST", path, token: shown.token, signal });
  if (isTrouble(answer)) return answer;
  if (!succeeded(answer)) return refusedBy(verdict(answer, asked(jfrog, ...secretsOf(admin))), admin);
  return pairingIn(answer, jfrog);
}

function pairingIn(answer: HttpAnswer, jfrog: Jfrog): Pairing | Trouble {
  const token = usableToken(member(jsonObject(answer.body) ?? {}, "pairing_token"));
  if (token === undefined) return unusable(answer, asked(jfrog), "odd-answer", "there is no pairing token in it");
  const { issuedAt, expiresAt } = readClaims(token);
  const life = issuedAt === undefined || expiresAt === undefined ? LIFE : expiresAt - issuedAt;
  return { kind: "created", token, endsAt: jfrog.now() + life };
}

function refusedBy(said: Refused | Trouble, { user }: Fields): Refused | Trouble {
  if (said.kind !== "refused") return said;
  if (said.status === 403)
    return { ...said, hint: `only administrators make pairing tokens; this token is of ${user}` };
  return said.status === 404 ? { ...said, hint: "is there such a service, and has it such a use case?" } : said;
}

/**
 * Ids of the administrator's tokens, as far as the service lists them, but those of dotvault, which may rotate meanwhile. The
 * service tells nobody when a pairing token is used; but the other one gets a token of the administrator's name for it, which
 * is a new one in this list.
 */
export async function listedIds(
  jfrog: Jfrog,
  admin: Fields,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | Refused | Trouble> {
  const shown = presentable(jfrog, admin);
  if ("kind" in shown) return shown;
  const path = `/access/api/v1/tokens?username=${encodeURIComponent(admin.user ?? "")}`;
  const answer = await call(jfrog, { method: "GET", path, token: shown.token, maxBytes: longestList, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, ...secretsOf(admin));
  if (!succeeded(answer)) return verdict(answer, who);
  const tokens = member(jsonObject(answer.body) ?? {}, "tokens");
  if (!Array.isArray(tokens)) return unusable(answer, who, "odd-answer", "there is no list of tokens in it");
  return new Set(tokens.flatMap((each: unknown) => (isObject(each) && othersId(each, jfrog)) || []));
}

function othersId(token: Readonly<Record<string, unknown>>, { settings }: Jfrog): string | undefined {
  const own = settings.description ?? "dotvault ";
  const description = member(token, "description");
  if (typeof description === "string" && description.startsWith(own)) return undefined;
  return asTokenId(member(token, "token_id"));
}
