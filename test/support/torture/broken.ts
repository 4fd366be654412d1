import { readFileSync, truncateSync } from "node:fs";
import { unlink } from "node:fs/promises";
import type { HttpAnswer, HttpRequest } from "../../../src/adapters/http/port.ts";
import type { Ports } from "../../../src/commands/assembly/world.ts";
import { watchedPorts } from "../crash-points.ts";
import type { PromiseName } from "./promises.ts";
import type { Scene, Wish } from "./scenes.ts";

/** A dotvault that is broken on purpose, so that one sees whether the torture would notice. */
export interface Break {
  /** The promises that it may break first; `rest`: it never comes to rest again. */
  readonly breaks: readonly (PromiseName | "rest")[];
  readonly scene: Scene;
  /** Wishes in which it shows soonest. */
  readonly agenda?: readonly Wish[];
  readonly ports: (ports: Ports) => Ports;
}

const LIVES: Scene = { store: "embedded", rotation: "refresh", oldAccessToken: "lives" };
const DIES: Scene = { ...LIVES, oldAccessToken: "dies" };
const ON_VAULT: Scene = { ...DIES, store: "openbao" };

export const BREAKS: Readonly<Record<string, Break>> = {
  "a store that confirms what it does not keep": {
    breaks: ["lost"],
    scene: ON_VAULT,
    ports: (ports) => ({
      ...ports,
      store: {
        ...watchedPorts(ports, () => {}).store,
        write: async (_name, _fields, cas) => ({ version: cas + 1, createdAt: Date.now(), serverTime: Date.now() }),
      },
    }),
  },
  "no sealed row": {
    breaks: ["lost", "rest"],
    scene: DIES,
    ports: (ports) => ({
      ...ports,
      journal: {
        ...ports.journal,
        append: (input) => ports.journal.append(input.event.type === "PAIR_ISSUED" ? { ...input, seal: [] } : input),
      },
    }),
  },
  "a lost answer taken for a request that was never sent": {
    breaks: ["presented", "unnoticed"],
    scene: DIES,
    agenda: new Array<Wish>(60).fill("rotate"),
    ports: (ports) => ({
      ...ports,
      journal: {
        ...ports.journal,
        openIntents: (stream) => ports.journal.openIntents(stream).map((intent) => ({ ...intent, once: false })),
      },
    }),
  },
  "a revocation that is noted and not sent": {
    breaks: ["lost", "forgotten"],
    scene: LIVES,
    ports: answering(({ method }) => method === "DELETE", { status: 200, headers: {}, body: "{}" }),
  },
  "every token taken for dead": {
    breaks: ["removed"],
    scene: LIVES,
    ports: answering(({ method, url }) => method === "GET" && url.endsWith("/tokens/me"), {
      status: 401,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "Token failed verification: expired" }] }),
    }),
  },
  "a file that is half written": {
    breaks: ["file"],
    scene: DIES,
    ports: (ports) => ({
      ...ports,
      fs: {
        ...ports.fs,
        async rename(from, to) {
          truncateSync(from, readFileSync(from).length >> 1);
          await ports.fs.rename(from, to);
        },
      },
    }),
  },
  "a file that is written once and never again": {
    breaks: ["file"],
    scene: DIES,
    ports: (ports) => ({ ...ports, fs: { ...ports.fs, rename: onlyOnce(ports.fs.rename) } }),
  },
};

function answering(matches: (request: HttpRequest) => boolean, answer: HttpAnswer): Break["ports"] {
  return (ports) => ({
    ...ports,
    http: {
      send: async (request) => (matches(request) ? answer : ports.http.send(request)),
      close: () => ports.http.close(),
    },
  });
}

function onlyOnce(rename: Ports["fs"]["rename"]): Ports["fs"]["rename"] {
  let done = false;
  return async (from, to) => {
    if (done) return unlink(from);
    done = true;
    await rename(from, to);
  };
}
