import type { Page } from "../../../http/loopback.ts";
import type { VaultAnswer } from "../../answer.ts";
import { asDocument } from "../../documents.ts";
import { concludeLogin } from "../conclude.ts";
import type { LoginResult, PersonPorts } from "../method.ts";
import { secondFactorOf } from "../second-factor.ts";
import { type Attempt, type OidcPorts, oidcPath } from "./attempt.ts";
import type { Begun } from "./begin.ts";
import type { Return, Returned } from "./return.ts";

/** The browser comes back to this machine, and we hand on what it brings. */
export async function signInHere(
  attempt: Attempt,
  { url, state }: Begun,
  back: Return,
  ports: OidcPorts,
): Promise<LoginResult> {
  back.expect(state);
  await invite(url, new URL(attempt.redirect).port, ports.person);
  const returned = await back.wait(attempt.patience, ports.signal);
  if (returned.kind === "error") return refusedByProvider(returned.message, back);
  const askedAt = ports.now();
  const answer = await fetchToken(attempt, returned, ports);
  back.show(pageFor(answer));
  return concludeLogin(answer, attempt.mount, askedAt, ports);
}

async function invite(url: URL, port: string, person: PersonPorts): Promise<void> {
  if (await person.openBrowser(url.href)) {
    person.tell("Opened the sign-in page in your browser. Waiting for you there…");
    return;
  }
  person.tell("Sign in with this link, in a browser on this machine:");
  person.tell(`  ${url.href}`);
  person.tell(`From another machine, first: ssh -L ${port}:localhost:${port} <this machine>`);
}

function fetchToken(
  { mount, nonce }: Attempt,
  { state, code }: Extract<Returned, { kind: "code" }>,
  { client, signal }: OidcPorts,
): Promise<VaultAnswer> {
  const query = new URLSearchParams({ state, code, client_nonce: nonce });
  return client.call({ method: "GET", path: `${oidcPath(mount)}/callback?${query}`, token: false, signal });
}

function refusedByProvider(message: string, back: Return): LoginResult {
  const text = `The sign-in was refused (${message}). You can close this page.`;
  back.show({ status: 200, title: "Not signed in", text });
  return {
    kind: "refused",
    class: "login.denied",
    message: `the provider did not let you in: ${message}`,
    hint: "run: dotvault login",
  };
}

function pageFor(answer: VaultAnswer): Page {
  const signedIn = answer.status === 200 && asDocument(asDocument(answer.body)?.auth) !== undefined;
  if (!signedIn) return LOOK_THERE;
  return secondFactorOf(answer) === undefined ? SIGNED_IN : ONE_MORE;
}

/** For a sign-in that did not come to its end. */
export const LOOK_THERE: Page = { status: 200, title: "Not signed in", text: "Look at the terminal: it says why." };
const SIGNED_IN: Page = {
  status: 200,
  title: "You are signed in",
  text: "dotvault has its token for Vault. You can close this page.",
};
const ONE_MORE: Page = {
  status: 200,
  title: "One more step",
  text: "Vault asks for a second factor: go on in the terminal.",
};
