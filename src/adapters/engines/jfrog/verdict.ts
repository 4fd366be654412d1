import { parseRetryAfter } from "../../http/date.ts";
import type { HttpAnswer } from "../../http/port.ts";
import { cleanLine } from "../clean.ts";
import type { Refused, Trouble } from "../port.ts";
import { isPage, jfrogError } from "./body.ts";

/** Who was asked, and what must not be repeated to anyone. */
export interface Asked {
  readonly host: string;
  readonly secrets: readonly string[];
}

const refusals: ReadonlySet<number> = new Set([400, 401, 403, 404]);

/** What an answer without success means: a refusal only in JFrog's own words, everything else may pass. */
export function verdict(answer: HttpAnswer, asked: Asked, revoking = false): Refused | Trouble {
  if (isPage(answer)) return pageTrouble(answer, asked);
  const said = jfrogError(answer, revoking);
  if (said !== undefined && refusals.has(answer.status)) return refused(answer, asked, said);
  if (answer.status >= 300 && answer.status < 400) return redirectTrouble(answer, asked);
  return statusTrouble(answer, asked, said);
}

function refused(answer: HttpAnswer, asked: Asked, said: string): Refused {
  return {
    kind: "refused",
    status: answer.status,
    class: `jfrog.refused.${answer.status}`,
    message: withWords(`JFrog refused (${answer.status})`, said, asked),
    ...timeOf(answer),
  };
}

function pageTrouble(answer: HttpAnswer, asked: Asked): Trouble {
  return trouble(answer, {
    sent: "maybe",
    class: `jfrog.html.${answer.status}`,
    message: `${asked.host} answered ${answer.status} with a web page, not JFrog's API`,
    hint: "a proxy or a login page seems to stand in between",
  });
}

function redirectTrouble(answer: HttpAnswer, asked: Asked): Trouble {
  return trouble(answer, {
    sent: "maybe",
    class: `jfrog.redirect.${answer.status}`,
    message: `${asked.host} answered with a redirect (${answer.status}), which is never followed with a token`,
    hint: "set url to the address that the platform itself answers at",
  });
}

function statusTrouble(answer: HttpAnswer, asked: Asked, said: string | undefined): Trouble {
  return trouble(answer, {
    sent: isUnapplied(answer.status, said) ? "no" : "maybe",
    class: `jfrog.http.${answer.status}`,
    message: withWords(`${asked.host} answered ${answer.status}`, said, asked),
  });
}

/** Throttled, or JFrog's own word that it can't act now. Another's 503 may stand for a connection that broke afterwards. */
function isUnapplied(status: number, said: string | undefined): boolean {
  return status === 429 || (status === 503 && said !== undefined);
}

/** A success whose content can't be used: `jfrog.truncated` (no JSON) or `jfrog.odd-answer` (not what was asked for). */
export function unusable(answer: HttpAnswer, asked: Asked, what: "truncated" | "odd-answer", why: string): Trouble {
  if (isPage(answer)) return pageTrouble(answer, asked);
  const message = `${asked.host} answered ${answer.status}, but ${why}`;
  return trouble(answer, { sent: "maybe", class: `jfrog.${what}`, message });
}

function trouble(answer: HttpAnswer, rest: Pick<Trouble, "sent" | "class" | "message" | "hint">): Trouble {
  const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], answer.serverTime);
  return { kind: "trouble", ...rest, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...timeOf(answer) };
}

function withWords(what: string, said: string | undefined, asked: Asked): string {
  const words = said === undefined ? "" : cleanLine(said, asked.secrets);
  return words === "" ? what : `${what}: ${words}`;
}

/** The server's time as results carry it. */
export function timeOf(answer: HttpAnswer): { readonly serverTime?: number } {
  return answer.serverTime === undefined ? {} : { serverTime: answer.serverTime };
}

export function succeeded(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
