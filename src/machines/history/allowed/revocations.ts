import { REVOKE_TOKEN, type RevocationEvent, type RevocationsSnapshot } from "../../revocations/revocations.ts";
import {
  type Allowed,
  alias,
  failureClass,
  list,
  nullable,
  oneOf,
  type Rows,
  record,
  whole,
  words,
} from "../shapes.ts";

/** What of the history of revocations by id may leave the machine. A type or a member without a row does not compile. */

type Of<T extends RevocationEvent["type"]> = Extract<RevocationEvent, { type: T }>;

const tokenId = alias("token");
const how = oneOf(["revoked", "already", "dead", "not-revocable", "unlisted"]);

const EVENTS: { readonly [K in RevocationEvent["type"]]: Rows<Of<K>, "type" | "at"> } = {
  REVOCATION_ASKED: { tokens: list(tokenId) },
  TOKEN_REVOKED: { tokenId, how },
  TOKEN_KEPT: { tokenId, class: failureClass, message: words },
};

const state = oneOf(["idle", "revoking"]);

export const revocations: Allowed = {
  events: EVENTS,
  common: {},
  intents: { [REVOKE_TOKEN]: { subject: tokenId, params: { tokenId } } },
  state,
  wakes: [],
  snapshot: whole<RevocationsSnapshot>({
    value: state,
    waiting: list(tokenId),
    ended: list(record({ tokenId, how: nullable(how), message: nullable(words) })),
  }),
};
