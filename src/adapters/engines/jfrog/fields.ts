import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { Fields, PairFacts } from "../port.ts";
import { readTime } from "../time.ts";
import { reachesAccess, readAudience } from "./audience.ts";
import { asUser, type Claims, readClaims } from "./claims.ts";

/** The fields of the stored document that are ours, named as the Go dotvault names them. */
export const ownedFields = [
  "access_token",
  "refresh_token",
  "reference_token",
  "url",
  "server_id",
  "user",
  "issued_at",
  "expires_at",
] as const;

/** A token that can stand in a header: visible ASCII. */
export function usableToken(value: unknown): string | undefined {
  return typeof value === "string" && /^[\x21-\x7e]{1,65536}$/.test(value) ? value : undefined;
}

/** Reads a stored document; see the port's `describe`. A JWT's own times count before those that stand beside it. */
export function describe(fields: Readonly<Record<string, unknown>>): PairFacts {
  const access = usableToken(own(fields, "access_token"));
  const refresh = usableToken(own(fields, "refresh_token"));
  const origin = originOf(own(fields, "url"));
  const claims = access === undefined ? {} : readClaims(access);
  const user = asUser(own(fields, "user")) ?? claims.user;
  const issuedAt = claims.issuedAt ?? readTime(own(fields, "issued_at"));
  const expiresAt = claims.expiresAt ?? readTime(own(fields, "expires_at"));
  return {
    complete: access !== undefined && origin !== undefined,
    digest: digestOf(access, refresh),
    refreshable: access !== undefined && refresh !== undefined && mayComeBack(claims),
    ...(claims.tokenId === undefined ? {} : { tokenId: claims.tokenId }),
    ...(user === undefined ? {} : { user }),
    ...(origin === undefined ? {} : { origin }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(claims.scope === undefined ? {} : { scope: claims.scope }),
    ...(claims.audience === undefined ? {} : { audience: claims.audience }),
  };
}

/** A token that is not meant for Access is refused there, whatever else is right with it. */
export function mayComeBack({ audience }: Claims): boolean {
  return audience === undefined || reachesAccess(readAudience(audience).parts);
}

function digestOf(access: string | undefined, refresh: string | undefined): string {
  return createHash("sha256")
    .update(JSON.stringify([access ?? "", refresh ?? ""]))
    .digest("hex");
}

/** Scheme and host of a stored `url`. */
export function originOf(value: unknown): string | undefined {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url?.protocol === "https:" || url?.protocol === "http:" ? url.origin : undefined;
}

/** jf's name for the server: the first label of its host; an IP address has none. */
export function serverId(origin: string): string {
  const { hostname } = new URL(origin);
  const address = hostname.startsWith("[") || isIP(hostname) !== 0;
  return address ? "default-server" : (hostname.split(".")[0] ?? hostname);
}

function own(fields: Readonly<Record<string, unknown>>, name: keyof Fields): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
