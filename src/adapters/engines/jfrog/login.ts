import type { HttpAnswer } from "../../http/port.ts";
import type { BeginResult, Login, PollResult, Refused } from "../port.ts";
import { isPage, jfrogError } from "./body.ts";
import { asked, call, isTrouble, type Jfrog } from "./client.ts";
import { readIssued } from "./issued.ts";
import type { JfrogSettings } from "./settings.ts";
import { type Asked, succeeded, timeOf, unusable, verdict } from "./verdict.ts";

const path = "/access/api/v2/authentication/jfrog_client_login";

/** Where the person signs in and confirms the code: the session's last four characters. */
export function login(settings: JfrogSettings, session: string): Login {
  const query = Object.entries({
    jfClientSession: session,
    jfClientName: settings.clientName,
    jfClientCode: settings.clientCode,
  });
  const text = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return { url: `${settings.url}/ui/login?${text}`, code: session.slice(-4) };
}

/** Registers a session. Repeating it with the same session is harmless. */
export async function begin(jfrog: Jfrog, session: string, signal: AbortSignal): Promise<BeginResult> {
  const answer = await call(jfrog, {
    method: "POST",
    path: `${path}/request`,
    contentType: "application/json",
    body: JSON.stringify({ session }),
    signal,
  });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, session);
  if (answer.status === 404) return isPage(answer) ? noApi(answer, who) : tooOld(answer, who);
  if (!succeeded(answer)) return verdict(answer, who);
  if (isPage(answer)) return unusable(answer, who, "odd-answer", "it is no answer of JFrog's");
  return { kind: "registered", ...timeOf(answer) };
}

function tooOld(answer: HttpAnswer, who: Asked): Refused {
  return {
    kind: "refused",
    status: answer.status,
    class: "jfrog.login.too-old",
    message: `the Artifactory at ${who.host} is too old for the web login (older than 7.64.0)`,
    hint: "ask your administrator to upgrade it",
    ...timeOf(answer),
  };
}

function noApi(answer: HttpAnswer, who: Asked): Refused {
  return {
    kind: "refused",
    status: answer.status,
    class: "jfrog.login.blocked",
    message: `${who.host} answered 404 with a web page: no JFrog Platform is there, or a proxy blocks ${path}/request`,
    hint: "is url right? an Artifactory older than 7.64.0 has no web login either",
    ...timeOf(answer),
  };
}

/** Asks once whether the person has signed in. The answer with the token comes one time only. */
export async function poll(jfrog: Jfrog, session: string, signal: AbortSignal): Promise<PollResult> {
  const answer = await call(jfrog, { method: "GET", path: `${path}/token/${encodeURIComponent(session)}`, signal });
  if (isTrouble(answer)) return answer;
  const who = asked(jfrog, session);
  if (succeeded(answer)) return granted(jfrog, answer, who);
  if (answer.status === 400) return { kind: "pending", ...timeOf(answer) };
  const blockable = answer.status === 403 || answer.status === 404;
  if (blockable && jfrogError(answer) === undefined) return blocked(jfrog, answer);
  return answer.status === 404 ? gone(answer, who) : verdict(answer, who);
}

function granted(jfrog: Jfrog, answer: HttpAnswer, who: Asked): PollResult {
  const issued = readIssued(answer, who, { origin: jfrog.settings.url, now: jfrog.now });
  if (issued.kind !== "issued") return issued;
  const { fields, facts } = issued;
  return { kind: "granted", bootstrap: fields, facts, ...timeOf(answer) };
}

function blocked(jfrog: Jfrog, answer: HttpAnswer): Refused {
  return {
    kind: "refused",
    status: answer.status,
    class: "jfrog.poll.blocked",
    message: `a proxy blocks ${jfrog.settings.url}${path}/token/<session> (${answer.status}, not JFrog's answer)`,
    hint: "ask for this address to be let through: it was once blocked against CVE-2023-42662",
    ...timeOf(answer),
  };
}

function gone(answer: HttpAnswer, who: Asked): Refused {
  return {
    kind: "refused",
    status: answer.status,
    class: "jfrog.poll.gone",
    message: `${who.host} does not know this login any more: it has ended, or its token was already collected`,
    hint: "start a new login",
    ...timeOf(answer),
  };
}
