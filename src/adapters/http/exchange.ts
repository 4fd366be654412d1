import type { Dispatcher } from "undici";
import { failure, failureOf, type Phase } from "./failures.ts";
import type { HttpFailure, HttpFailureReason } from "./port.ts";

export interface Limits {
  readonly maxBytes: number;
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly data: Buffer;
}

type Headers = RawAnswer["headers"];
type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/**
 * One request through a dispatcher. undici calls `onRequestStart` on a standing connection (TLS and proxy included) right
 * before it writes the first byte: that call, and nothing else, turns `sent` from "no" to "maybe". The timers are ours,
 * since undici's cover neither a whole connect through a proxy nor a body that drips.
 *
 * @throws HttpFailure
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: Limits,
  host: string,
  signal: AbortSignal | undefined,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const handler = new Exchange(limits, host, signal, resolve, reject);
    if (handler.start()) dispatcher.dispatch(request, handler);
  });
}

class Exchange implements Handler {
  readonly #limits: Limits;
  readonly #host: string;
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (answer: RawAnswer) => void;
  readonly #reject: (failure: HttpFailure) => void;
  readonly #chunks: Buffer[] = [];
  #phase: Phase = "connecting";
  #settled = false;
  #size = 0;
  #status = 0;
  #headers: Headers = {};
  #controller: Controller | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    limits: Limits,
    host: string,
    signal: AbortSignal | undefined,
    resolve: (answer: RawAnswer) => void,
    reject: (failure: HttpFailure) => void,
  ) {
    this.#limits = limits;
    this.#host = host;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** False when it was cancelled before it began. */
  start(): boolean {
    this.#enter("connecting", this.#limits.connectMs, "connect-timeout");
    this.#signal?.addEventListener("abort", this.#onAbort);
    if (this.#signal?.aborted) this.#onAbort();
    return !this.#settled;
  }

  onRequestStart(controller: Controller): void {
    if (this.#phase !== "connecting") this.#fail("reset", "it would have been sent twice");
    if (this.#settled) {
      controller.abort(new Error("no longer wanted"));
      return;
    }
    this.#controller = controller;
    this.#enter("sent", this.#limits.headersMs, "headers-timeout");
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#enter("answering", this.#limits.bodyMs, "body-timeout");
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxBytes) this.#fail("too-large");
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    this.#resolve({ status: this.#status, headers: this.#headers, data: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (this.#settle()) this.#reject(failureOf(error, this.#phase, this.#host));
  }

  readonly #onAbort = (): void => this.#fail("aborted");

  #enter(phase: Phase, milliseconds: number, late: HttpFailureReason): void {
    this.#phase = phase;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(late), milliseconds);
  }

  #fail(reason: HttpFailureReason, addition?: string): void {
    if (!this.#settle()) return;
    this.#reject(failure(reason, this.#phase, this.#host, addition));
    this.#controller?.abort(new Error(reason));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }
}
