/** The environment's part in the way to a server. Lower-case names win, as with curl. */
export interface ProxySettings {
  /** For `https:`; empty = none. */
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/**
 * Reads `HTTPS_PROXY` and `NO_PROXY`. `HTTP_PROXY` has no say: plain http goes to this machine only, and never by proxy.
 * A value without a scheme means `http://`. Returns undefined for a proxy that can't be used (not a URL, not http or https).
 */
export function readProxy(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const raw = (env.https_proxy ?? env.HTTPS_PROXY ?? "").trim();
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? "";
  if (raw === "") return { httpsProxy: "", noProxy };
  const url = URL.parse(raw.includes("://") ? raw : `http://${raw}`);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  return { httpsProxy: url.href, noProxy };
}
