import { join } from "node:path";
import type { Fields, Trust, VouchResult } from "../../port.ts";
import type { Jfrog } from "../client.ts";
import { distinct } from "../trust/certificates.ts";
import { isAddress, readPath, rootOf, type Source } from "../trust/sources.ts";
import { vouchFor } from "../trust/verify.ts";

/** A platform is asked for its certificate this often, and after a failure sooner. Milliseconds. */
const ASK_EVERY = 15 * 60_000;
const ASK_AGAIN = 60_000;

const UNREAD: Source = { certificates: [], problem: null };

/** The trusted certificates, read again whenever the agent asks: files each time, platforms every quarter of an hour. */
export function createTrust(jfrog: Jfrog, sources: readonly string[]): Trust {
  const read = new Map<string, Source>();
  const askAt = new Map<string, number>();
  const all = () => sources.map((source) => read.get(source) ?? UNREAD);
  return {
    async reload(signal) {
      const before = keyIds(all());
      await Promise.all(sources.map(async (source) => read.set(source, await reloaded(source, signal))));
      return keyIds(all()) !== before;
    },
    async vouch({ access_token: token = "" }: Fields): Promise<VouchResult> {
      const certificates = distinct(all().flatMap((source) => source.certificates));
      const found = await vouchFor(token, certificates, jfrog.now());
      if (found.kind === "vouched") {
        const { name, keyId, source } = found.certificate;
        return { kind: "vouched", name, keyId, source };
      }
      const problem = all().find((source) => source.problem !== null)?.problem;
      const message = problem == null ? found.message : `${found.message}; ${problem}`;
      return { kind: "not-vouched", reason: found.reason, message };
    },
  };

  async function reloaded(source: string, signal: AbortSignal): Promise<Source> {
    if (!isAddress(source)) return readPath(atHome(source, jfrog.home ?? ""));
    const known = read.get(source);
    const restsFor = (askAt.get(source) ?? 0) - jfrog.now();
    // A rest that is longer was reckoned by a clock that has been set back since.
    if (known && restsFor > 0 && restsFor <= ASK_EVERY) return known;
    const found = await rootOf(source, jfrog.http, signal);
    askAt.set(source, jfrog.now() + (found.problem === null ? ASK_EVERY : ASK_AGAIN));
    // A platform that is away has not taken its certificate back.
    return found.problem === null ? found : { certificates: known?.certificates ?? [], problem: found.problem };
  }
}

/** What the verdict hangs on: which certificates there are, and whether there were troubles in reading them. */
function keyIds(sources: readonly Source[]): string {
  return JSON.stringify(sources.map(({ certificates, problem }) => [certificates.map(({ keyId }) => keyId), problem]));
}

function atHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}
