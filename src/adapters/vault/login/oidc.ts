import { listenOnLoopback, type Page } from "../../http/loopback.ts";
import { isLoopback } from "../../http/target.ts";
import type { VaultAnswer } from "../client.ts";
import { asDocument, dataOf } from "../documents.ts";
import { judgeLogin } from "./answer.ts";
import { concludeLogin } from "./conclude.ts";
import type { LoginMethod, LoginPorts, LoginResult, PersonPorts } from "./method.ts";
import { oidcPath, type Pause, polledLogin } from "./oidc-poll.ts";
import { CALLBACK_PATH, Return } from "./oidc-return.ts";
import { needsSomebody } from "./password.ts";
import { secondFactorOf } from "./second-factor.ts";

export interface OidcWish {
  readonly role?: string | undefined;
  /** Where the browser comes back to; the next free one if it is taken; 0: any. */
  readonly callbackPort: number;
  /** Fresh random text, 32 bytes' worth. */
  readonly nonce: () => string;
  /** How long the person may take, milliseconds. */
  readonly patience?: number;
  /** Waits between two questions. Default: real time. */
  readonly pause?: Pause | undefined;
}

const PATIENCE = 5 * 60_000;

/**
 * Signing in with a browser. Vault talks to the provider (it keeps the provider's nonce and PKCE's verifier to itself); we
 * hand it what the browser brings back. `state` ties that to this sign-in; `client_nonce`, which only this process knows,
 * ties Vault's token to us: whoever saw the browser's address bar can't fetch it.
 * https://openbao.org/api-docs/auth/jwt/#oidc-authorization-url-request
 */
export function oidcLogin(mount: string, wish: OidcWish): LoginMethod {
  return {
    name: "oidc",
    needsPerson: true,
    fingerprint: async () => JSON.stringify(["oidc", mount, wish.role, wish.callbackPort]),
    async login(ports) {
      if (ports.person === undefined) throw needsSomebody();
      return signIn(mount, wish, ports, ports.person);
    },
  };
}

async function signIn(mount: string, wish: OidcWish, ports: LoginPorts, person: PersonPorts): Promise<LoginResult> {
  const back = new Return();
  const loopback = await listenOnLoopback(wish.callbackPort, (url) => back.arrived(url));
  try {
    const nonce = wish.nonce();
    const redirect = `http://localhost:${loopback.port}${CALLBACK_PATH}`;
    const begun = await begin(mount, { role: wish.role, redirect, nonce }, ports);
    if ("kind" in begun) return begun;
    const patience = wish.patience ?? PATIENCE;
    if (begun.pollMs !== undefined) {
      await inviteElsewhere(begun.url, person);
      return await polledLogin(mount, { ...begun, pollMs: begun.pollMs, nonce, patience, pause: wish.pause }, ports);
    }
    back.expect(begun.state);
    await invite(begun.url, loopback.port, person);
    const returned = await back.wait(patience, ports.signal);
    if (returned.kind === "error") return refusedByProvider(returned.message, back);
    const askedAt = ports.now();
    const answer = await fetchToken(mount, { state: returned.state, code: returned.code, nonce }, ports);
    back.show(pageFor(answer));
    return await concludeLogin(answer, mount, askedAt, ports);
  } finally {
    back.show(LOOK_THERE);
    await loopback.close();
  }
}

interface Begun {
  readonly url: URL;
  readonly state: string;
  /** Vault gets the answer itself (a role's `callback_mode` is device or direct), and is asked for it so often. */
  readonly pollMs: number | undefined;
}

async function begin(
  mount: string,
  { role, redirect, nonce }: { role: string | undefined; redirect: string; nonce: string },
  { client, now, signal }: LoginPorts,
): Promise<Begun | LoginResult> {
  const json = { redirect_uri: redirect, client_nonce: nonce, ...(role === undefined ? {} : { role }) };
  const request = { method: "POST", path: `${oidcPath(mount)}/auth_url`, json, token: false, signal } as const;
  const answer = await client.call(request);
  if (answer.status !== 200) return judgeLogin(answer, mount, now());
  const { auth_url: given, state: told, poll_interval: seconds } = dataOf(answer.body);
  if (given === "") return notAllowed(mount, role, redirect);
  const url = URL.parse(String(given));
  const state = typeof told === "string" ? told : url?.searchParams.get("state");
  if (url === null || !isSafe(url) || !state) return strangeAddress(mount);
  return { url, state, pollMs: seconds === undefined ? undefined : Math.max(1, Number(seconds) || 5) * 1000 };
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

async function invite(url: URL, port: number, person: PersonPorts): Promise<void> {
  if (await person.openBrowser(url.href)) {
    person.tell("Opened the sign-in page in your browser. Waiting for you there…");
    return;
  }
  person.tell("Sign in with this link, in a browser on this machine:");
  person.tell(`  ${url.href}`);
  person.tell(`From another machine, first: ssh -L ${port}:localhost:${port} <this machine>`);
}

/** The browser may be anywhere: nothing comes back to this machine. */
async function inviteElsewhere(url: URL, person: PersonPorts): Promise<void> {
  const opened = await person.openBrowser(url.href);
  person.tell(opened ? "Opened the sign-in page in your browser." : "Sign in with this link, in any browser:");
  if (!opened) person.tell(`  ${url.href}`);
  const code = url.searchParams.get("user_code");
  if (code !== null) person.tell(`It must show this code: ${code.replace(/[^\w-]/g, "")}`);
}

function fetchToken(
  mount: string,
  { state, code, nonce }: { state: string; code: string; nonce: string },
  { client, signal }: LoginPorts,
): Promise<VaultAnswer> {
  const query = new URLSearchParams({ state, code, client_nonce: nonce });
  return client.call({ method: "GET", path: `${oidcPath(mount)}/callback?${query}`, token: false, signal });
}

function refusedByProvider(message: string, back: Return): LoginResult {
  back.show({
    status: 200,
    title: "Not signed in",
    text: `The sign-in was refused (${message}). You can close this page.`,
  });
  return { kind: "refused", message: `the provider did not let you in: ${message}`, hint: "run: dotvault login" };
}

function pageFor(answer: VaultAnswer): Page {
  const signedIn = answer.status === 200 && asDocument(asDocument(answer.body)?.auth) !== undefined;
  if (!signedIn) return LOOK_THERE;
  const more = secondFactorOf(answer) !== undefined;
  return more
    ? { status: 200, title: "One more step", text: "Vault asks for a second factor: go on in the terminal." }
    : { status: 200, title: "You are signed in", text: "dotvault has its token for Vault. You can close this page." };
}

const LOOK_THERE: Page = { status: 200, title: "Not signed in", text: "Look at the terminal: it says why." };

function notAllowed(mount: string, role: string | undefined, redirect: string): LoginResult {
  return {
    kind: "refused",
    message: `vault gives no sign-in page for the role ${role ?? "(its default)"} at auth/${mount} and ${redirect}`,
    hint: "does the role exist, and is that address among its allowed_redirect_uris",
  };
}

function strangeAddress(mount: string): LoginResult {
  return {
    kind: "refused",
    message: `the sign-in page that vault names at auth/${mount} can't be used: it is not https, or has no state`,
    hint: "check the oidc configuration of that mount (oidc_discovery_url)",
  };
}
