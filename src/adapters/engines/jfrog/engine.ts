import type { Engine } from "../port.ts";
import type { Jfrog } from "./client.ts";
import { describe, ownedFields } from "./fields.ts";
import { mint, refresh } from "./grant.ts";
import { begin, login, poll } from "./login.ts";
import { probe, revoke, sweep } from "./tokens.ts";

/** The JFrog Platform: web login (Artifactory 7.64.0 and later), minting, the refresh grant, revocation. */
export function createJfrogEngine(jfrog: Jfrog): Engine {
  return {
    name: "jfrog",
    label: "JFrog",
    traits: { person: true, refresh: true, probe: true, revoke: true, sweep: true },
    rotation: jfrog.settings.rotation,
    origin: jfrog.settings.url,
    ownedFields,
    describe,
    login: (session) => login(jfrog.settings, session),
    begin: (session, signal) => begin(jfrog, session, signal),
    poll: (session, signal) => poll(jfrog, session, signal),
    exchange: (input, signal) => mint(jfrog, input, signal),
    refresh: (pair, signal) => refresh(jfrog, pair, signal),
    probe: (pair, signal) => probe(jfrog, pair, signal),
    revoke: (pair, signal) => revoke(jfrog, pair, signal),
    sweep: (input, signal) => sweep(jfrog, input, signal),
  };
}
