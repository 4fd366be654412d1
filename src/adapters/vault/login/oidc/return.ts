import { timingSafeEqual } from "node:crypto";
import type { Page } from "../../../http/loopback.ts";
import { StoreFailure } from "../../../store-port.ts";

/** What the provider sent the browser back with. */
export type Returned =
  | { readonly kind: "code"; readonly code: string; readonly state: string }
  /** It did not let the person in. One line, printable. */
  | { readonly kind: "error"; readonly message: string };

/** Where the browser comes back to, as Vault's own command line has it. */
export const CALLBACK_PATH = "/oidc/callback";

/**
 * One sign-in's way back: takes the one answer that bears its `state`, and turns everything else away without ending the
 * wait, since any page that the person visits can call this address. (RFC 6749 §10.12, RFC 9700 §4.7)
 */
export class Return {
  readonly #arrived = Promise.withResolvers<Returned>();
  readonly #page = Promise.withResolvers<Page>();
  #state: string | undefined;
  #over = false;

  expect(state: string): void {
    this.#state = state;
  }

  /** For the listener: the page that a request gets. The accepted one's is shown when Vault has answered. */
  async arrived(url: URL): Promise<Page> {
    const judged = judgeReturn(url, this.#over ? undefined : this.#state);
    if ("status" in judged) return judged;
    this.#over = true;
    this.#arrived.resolve(judged);
    return this.#page.promise;
  }

  /** Throws {@link StoreFailure} when nobody came in time, or the person left. */
  async wait(milliseconds: number, signal: AbortSignal | undefined): Promise<Returned> {
    const late = AbortSignal.timeout(milliseconds);
    const ended = AbortSignal.any(signal === undefined ? [late] : [late, signal]);
    const left = Promise.withResolvers<never>();
    const leave = () => left.reject(signal?.aborted ? gone() : tooLate(milliseconds));
    ended.addEventListener("abort", leave, { once: true });
    if (ended.aborted) leave();
    try {
      return await Promise.race([this.#arrived.promise, left.promise]);
    } finally {
      this.#over = true;
      ended.removeEventListener("abort", leave);
    }
  }

  /** The accepted request's page; the first call counts. */
  show(page: Page): void {
    this.#page.resolve(page);
  }
}

/** What an address that the browser came back to is worth. `state`: the one that counts; undefined: none does any more. */
export function judgeReturn({ pathname, searchParams }: URL, state: string | undefined): Returned | Page {
  if (pathname !== CALLBACK_PATH) return NOT_HERE;
  const given = single(searchParams, "state");
  if (given === undefined || state === undefined || !isSame(given, state)) return NOT_OURS;
  const error = single(searchParams, "error");
  if (error !== undefined) return { kind: "error", message: wordsOf(error, single(searchParams, "error_description")) };
  const code = single(searchParams, "code");
  return code === undefined ? NOT_OURS : { kind: "code", code, state: given };
}

/** A parameter that stands there twice is nobody's honest answer. */
function single(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = parameters.getAll(name);
  return value === "" || more.length > 0 ? undefined : value;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function wordsOf(error: string, description: string | undefined): string {
  const text = description === undefined ? error : `${error}: ${description}`;
  return text
    .replace(/[\s\p{C}]+/gu, " ")
    .trim()
    .slice(0, 200);
}

const NOT_HERE: Page = { status: 404, title: "Not here", text: "Nothing is served at this address." };
const NOT_OURS: Page = {
  status: 400,
  title: "Not this sign-in",
  text: "This address does not belong to a sign-in that is under way. If you are signing in, go on in the window that dotvault opened.",
};

export function gone(): StoreFailure {
  return new StoreFailure("store.no-token", "the sign-in was broken off", { hint: "run: dotvault login" });
}

export function tooLate(milliseconds: number): StoreFailure {
  const message = `nobody has signed in within ${Math.round(milliseconds / 1000)} s`;
  return new StoreFailure("store.no-token", message, { hint: "run: dotvault login" });
}
