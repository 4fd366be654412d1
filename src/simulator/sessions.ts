import { DotvaultError } from "../errors.ts";

/** One browser login. The uuid is its whole secret. */
export interface LoginSession {
  readonly uuid: string;
  /** Milliseconds, server's clock. */
  readonly registeredAt: number;
  approvedBy: string | null;
  denied: boolean;
  collected: boolean;
}

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether it is a lower-case version 4 UUID, the only form that the web login takes. */
export const isSessionId = (value: unknown): value is string => typeof value === "string" && UUID_V4.test(value);

/** What the user copies from the terminal into the browser. */
export const codeOf = (uuid: string): string => uuid.slice(-4);

export class Sessions {
  readonly #all = new Map<string, LoginSession>();

  /** Registers; a repetition with the same uuid changes nothing. */
  register(uuid: string, now: number): LoginSession {
    const known = this.#all.get(uuid);
    if (known !== undefined) return known;
    const session: LoginSession = { uuid, registeredAt: now, approvedBy: null, denied: false, collected: false };
    this.#all.set(uuid, session);
    return session;
  }

  get(uuid: string): LoginSession | undefined {
    return this.#all.get(uuid);
  }

  /**
   * The newest session that waits for its user; or the one with that uuid, or with that code.
   * @throws DotvaultError `simulator.session` when there is none
   */
  waiting(uuidOrCode?: string): LoginSession {
    const waiting = [...this.#all.values()].filter((one) => one.approvedBy === null && !one.denied);
    const found = waiting.findLast(
      ({ uuid }) => uuidOrCode === undefined || uuid === uuidOrCode || codeOf(uuid) === uuidOrCode,
    );
    if (found === undefined) throw new DotvaultError("simulator.session", "no such login waits for its user");
    return found;
  }
}
