import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from "../../http/port.ts";
import type { Fields, Trouble } from "../port.ts";
import { originOf, usableToken } from "./fields.ts";
import type { JfrogSettings } from "./settings.ts";
import type { Asked } from "./verdict.ts";

/** What every call of the engine works with. */
export interface Jfrog {
  readonly settings: JfrogSettings;
  readonly http: Http;
  /** Our clock in milliseconds; asked only when a service sends no `Date`. */
  readonly now: () => number;
  /** For certificates' paths that begin with `~/`. */
  readonly home?: string;
}

export interface Call extends Pick<HttpRequest, "method" | "body" | "maxBytes" | "timeouts"> {
  /** Below the platform's address. */
  readonly path: string;
  readonly token?: string;
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

/** One exchange with the platform; a failed one comes back as trouble. */
export async function call(jfrog: Jfrog, request: Call): Promise<HttpAnswer | Trouble> {
  try {
    return await jfrog.http.send({
      method: request.method,
      url: jfrog.settings.url + request.path,
      headers: headersOf(request),
      signal: request.signal,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.maxBytes === undefined ? {} : { maxBytes: request.maxBytes }),
      ...(request.timeouts === undefined ? {} : { timeouts: request.timeouts }),
    });
  } catch (error) {
    if (error instanceof HttpFailure) return netTrouble(error);
    throw error;
  }
}

function headersOf(request: Call): Record<string, string> {
  return {
    accept: "application/json",
    "user-agent": "dotvault",
    ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
    ...(request.contentType === undefined ? {} : { "content-type": request.contentType }),
  };
}

function netTrouble(failed: HttpFailure): Trouble {
  const hint = hints[failed.reason];
  const rest = hint === undefined ? {} : { hint };
  return { kind: "trouble", sent: failed.sent, class: `net.${failed.reason}`, message: failed.message, ...rest };
}

const hints: Readonly<Record<string, string | undefined>> = {
  tls: "a private certificate authority belongs into the system's store",
  proxy: "look at HTTPS_PROXY and NO_PROXY",
  dns: "is the host in url spelt right, and are you online?",
};

export function isTrouble(outcome: HttpAnswer | Trouble): outcome is Trouble {
  return "kind" in outcome;
}

/** The access token of a credential, or why it must not be presented: it is shown to no other platform than its own. */
export function presentable(jfrog: Jfrog, pair: Fields): { readonly token: string } | Trouble {
  const token = usableToken(pair.access_token);
  if (token === undefined) return unsent("jfrog.no-credential", "there is no access token to present");
  if (originOf(pair.url) !== jfrog.settings.url)
    return unsent("jfrog.other-origin", `the credential was issued by another address than ${jfrog.settings.url}`);
  return { token };
}

/** Trouble that kept us from sending anything. */
export function unsent(failureClass: string, message: string): Trouble {
  return { kind: "trouble", sent: "no", class: failureClass, message };
}

/** Everything secret in a request, so that no message repeats it. */
export function asked(jfrog: Jfrog, ...secrets: readonly (string | undefined)[]): Asked {
  return { host: new URL(jfrog.settings.url).host, secrets: secrets.filter((secret) => secret !== undefined) };
}

/** All of a credential's secrets. */
export function secretsOf(pair: Fields): (string | undefined)[] {
  return [pair.access_token, pair.refresh_token, pair.reference_token];
}
