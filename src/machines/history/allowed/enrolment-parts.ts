import { ASK_CODES, type Facts, type Settings, type Terms, type Traits } from "../../enrolment/context.ts";
import type { OpenPresentation } from "../../lease.ts";
import { alias, flag, nullable, number, oneOf, type Rows, whole } from "../shapes.ts";

/** What both the events and the snapshots of an enrolment are made of. */

export const factRows: Rows<Facts> = {
  complete: flag,
  digest: alias("digest"),
  refreshable: flag,
  tokenId: alias("token"),
  user: alias("user"),
  origin: alias("origin"),
  issuedAt: number,
  expiresAt: number,
  scope: alias("scope"),
  audience: alias("audience"),
};
export const facts = whole<Facts>(factRows);

const traits = whole<Traits>({ person: flag, refresh: flag, probe: flag, revoke: flag, sweep: flag });

const terms = whole<Terms>({
  scope: nullable(alias("scope")),
  audience: nullable(alias("audience")),
  life: nullable(number),
});

export const settings = whole<Settings>({
  engine: oneOf(["jfrog", "sshkey"]),
  traits,
  origin: nullable(alias("origin")),
  label: alias("label"),
  rotation: oneOf(["refresh", "remint"]),
  unattended: flag,
  terms: nullable(terms),
});

export const open = nullable(
  whole<OpenPresentation>({ holder: alias("machine"), machine: alias("machine"), digest: alias("digest") }),
);

export const code = oneOf(ASK_CODES);
export const phase = oneOf(["claimed", "presented", "released"]);
