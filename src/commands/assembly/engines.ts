import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { createEngine } from "../../adapters/engines/registry.ts";
import type { Http } from "../../adapters/http/port.ts";
import type { SecretStore } from "../../adapters/store-port.ts";
import type { Enrolment } from "../../agent/ports.ts";
import type { Config } from "../../config/config.ts";
import type { Io } from "../cli/io.ts";
import { tokenReader } from "./token-source.ts";

/** The enrolments of the configuration with their engines. Nothing is sent yet. */
export async function engines(config: Config, http: Http, io: Io, store?: SecretStore): Promise<Enrolment[]> {
  const readToken = tokenReader(io, store);
  const deps = {
    http,
    now: io.now,
    home: io.home,
    random: randomBytes,
    comment: `${io.user}@${hostname()}`,
    readToken,
  };
  return Promise.all(
    config.enrolments.map(async ({ key, engine, settings }) => ({
      name: key,
      engine: await createEngine(engine, settings, deps),
    })),
  );
}
