/** What a request is for; faults aim at it. */
export type RequestKind =
  | "register"
  | "poll"
  | "page"
  | "mint"
  | "refresh"
  | "probe"
  | "revoke"
  | "list"
  | "oidc"
  | "pairing"
  | "root"
  | "ping"
  | "version"
  | "upload"
  | "download"
  | "other";

export const REQUEST_KINDS: readonly RequestKind[] = [
  "register",
  "poll",
  "page",
  "mint",
  "refresh",
  "probe",
  "revoke",
  "list",
  "oidc",
  "pairing",
  "root",
  "ping",
  "version",
  "upload",
  "download",
  "other",
];

/** `arrived`: received whole · `applied`: the server acted on it · `ended`: answered, or its connection is gone. */
export type Phase = "arrived" | "applied" | "ended";

/** One request, without secrets: no query, no header, no body, and placeholders in the path. */
export interface Call {
  /** 1, 2, 3 … */
  readonly sequence: number;
  /** Milliseconds since the epoch, without the server's skew. */
  readonly at: number;
  readonly kind: RequestKind;
  readonly method: string;
  /** `/access/api/v1/tokens/<id>` */
  readonly route: string;
  /** Who it says it is from. */
  readonly user: string | null;
  /** The faults that struck it: `hold-before`, `status-503`, … */
  readonly faults: string[];
  readonly phases: Phase[];
  /** The status sent; `null`: none yet, or none ever. */
  status: number | null;
  /** Whether the answer was written out whole. */
  complete: boolean;
}

export type CallListener = (call: Call, phase: Phase) => void;
export type NewCall = Pick<Call, "at" | "kind" | "method" | "route" | "user">;

/** The call log, and who listens to it. */
export class CallLog {
  readonly all: Call[] = [];
  readonly #listeners = new Set<CallListener>();

  arrive(fresh: NewCall): Call {
    const call: Call = {
      sequence: this.all.length + 1,
      ...fresh,
      faults: [],
      phases: [],
      status: null,
      complete: false,
    };
    this.all.push(call);
    this.enter(call, "arrived");
    return call;
  }

  enter(call: Call, phase: Phase): void {
    if (call.phases.includes(phase)) return;
    call.phases.push(phase);
    for (const listener of [...this.#listeners]) listener(call, phase);
  }

  /** Calls the listener at every phase of every call; the returned function ends that. */
  listen(listener: CallListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The `count`-th call of that kind since the start, once it has reached the phase. */
  waitFor(kind: RequestKind, count: number, phase: Phase): Promise<Call> {
    const reached = this.all.filter((call) => call.kind === kind && call.phases.includes(phase));
    const already = reached[count - 1];
    if (already !== undefined) return Promise.resolve(already);
    let missing = count - reached.length;
    return new Promise((resolve) => {
      const stop = this.listen((call, now) => {
        if (call.kind !== kind || now !== phase) return;
        missing -= 1;
        if (missing > 0) return;
        stop();
        resolve(call);
      });
    });
  }
}
