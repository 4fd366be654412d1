import type { FsPort, OpenFile } from "../../src/adapters/files/index.ts";
import type { Http } from "../../src/adapters/http/port.ts";
import type { SecretStore } from "../../src/adapters/store-port.ts";
import type { Ports } from "../../src/commands/assembly/world.ts";

/** What a process can be killed around: everything that leaves a trace outside of it. */
export const CRASH_POINTS = [
  "journal.append",
  "journal.reschedule",
  "journal.compact",
  "http.register",
  "http.poll",
  "http.mint",
  "http.refresh",
  "http.other",
  "store.read",
  "store.write",
  "store.softDelete",
  "file.create",
  "file.write",
  "file.sync",
  "file.rename",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** `before`: nothing has happened yet; `after`: it has, and nobody knows. */
export type CrashWhen = "before" | "after";

/** Told of every passage, with what passes; does not come back from the one at which the process dies. */
export type OnPassage = (point: CrashPoint, when: CrashWhen, what?: string) => void;

/** The same ports, with every passage told. */
export function watchedPorts(ports: Ports, passes: OnPassage): Ports {
  const around: Around = (point, work, name) => {
    return (...args) => {
      const what = name?.(...args);
      passes(point, "before", what);
      const result = work(...args);
      if (!(result instanceof Promise)) {
        passes(point, "after", what);
        return result;
      }
      return result.then((value) => {
        passes(point, "after", what);
        return value;
      }) as typeof result;
    };
  };
  return {
    ...ports,
    journal: {
      ...ports.journal,
      append: around("journal.append", ports.journal.append, ({ event }) => event.type),
      appendAll: around("journal.append", ports.journal.appendAll, ([first]) => first?.event.type ?? "nothing"),
      reschedule: around("journal.reschedule", ports.journal.reschedule),
      compact: around("journal.compact", ports.journal.compact),
    },
    http: watchedHttp(ports.http, around),
    store: watchedStore(ports.store, around),
    fs: watchedFs(ports.fs, around),
  };
}

type Around = <A extends unknown[], R>(
  point: CrashPoint,
  work: (...args: A) => R,
  name?: (...args: A) => string,
) => (...args: A) => R;

function watchedHttp(http: Http, around: Around): Http {
  return {
    send: (request) => around(pointOf(request), http.send.bind(http))(request),
    close: () => http.close(),
  };
}

function pointOf({ url, method, body = "" }: { url: string; method: string; body?: string }): CrashPoint {
  const { pathname } = new URL(url);
  if (pathname.endsWith("/request")) return "http.register";
  if (pathname.includes("/jfrog_client_login/token/")) return "http.poll";
  if (method !== "POST") return "http.other";
  return body.includes("grant_type=refresh_token") ? "http.refresh" : "http.mint";
}

function watchedStore(store: SecretStore, around: Around): SecretStore {
  return {
    kind: store.kind,
    place: store.place,
    shared: store.shared,
    read: around("store.read", store.read.bind(store)),
    write: around("store.write", store.write.bind(store)),
    softDelete: around("store.softDelete", store.softDelete.bind(store)),
    look: store.look.bind(store),
    lookGroups: store.lookGroups.bind(store),
    close: store.close.bind(store),
  };
}

function watchedFs(fs: FsPort, around: Around): FsPort {
  return {
    ...fs,
    rename: around("file.rename", fs.rename),
    async open(path, flags, mode) {
      // Only a file that is made has a mode; reading one changes nothing.
      if (mode === undefined) return fs.open(path, flags);
      return watchedFile(await around("file.create", fs.open)(path, flags, mode), around);
    },
  };
}

function watchedFile(file: OpenFile, around: Around): OpenFile {
  return {
    stat: () => file.stat(),
    readFile: () => file.readFile(),
    chmod: (mode) => file.chmod(mode),
    chown: (uid, gid) => file.chown(uid, gid),
    close: () => file.close(),
    writeFile: around("file.write", (data: Uint8Array) => file.writeFile(data)),
    sync: around("file.sync", () => file.sync()),
  };
}
