import type { Authority } from "./authority.ts";
import type { CallLog } from "./calls.ts";
import type { FaultPlan } from "./fault-plan.ts";
import type { Ledger } from "./ledger.ts";
import type { IdentityProvider } from "./options.ts";
import type { Random } from "./random.ts";
import type { Sessions } from "./sessions.ts";
import type { Switches } from "./switches.ts";
import type { User } from "./users.ts";

/** Everything one instance knows. Routes read and change it; they know no socket. */
export interface World {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  url: string;
  readonly switches: Switches;
  readonly authority: Authority;
  readonly users: Map<string, User>;
  readonly providers: readonly IdentityProvider[];
  readonly sessions: Sessions;
  readonly ledger: Ledger;
  readonly calls: CallLog;
  readonly faults: FaultPlan;
  /** Artifacts by `<repo>/<path>`. */
  readonly artifacts: Map<string, Artifact>;
  /** Requests with an expired token in a row, by user. */
  readonly expiredInARow: Map<string, number>;
  /** Ids of pairing tokens that have been exchanged. */
  readonly usedPairings: Set<string>;
  readonly random: Random;
  /** The clock as it was given, milliseconds. */
  clock(): number;
  /** Remembers a secret, for tests that search for leaks. */
  secret(value: string): void;
}

export interface Artifact {
  readonly content: Buffer;
  readonly type: string;
  readonly createdBy: string;
  /** Milliseconds. */
  readonly createdAt: number;
}

/** The server's clock, milliseconds. */
export const serverNow = (world: World): number => world.clock() + world.switches.clockSkewMs;
