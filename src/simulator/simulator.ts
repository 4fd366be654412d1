import { randomBytes } from "node:crypto";
import { createAuthority, distrust, trust } from "./authority.ts";
import { type Call, type CallListener, CallLog, type Phase, type RequestKind } from "./calls.ts";
import { checkedFault, type Fault } from "./fault.ts";
import { FaultPlan, type InjectedFault } from "./fault-plan.ts";
import type { Issued } from "./issue.ts";
import { Ledger } from "./ledger.ts";
import { approveLogin, denyLogin, revokePair, type SeedRequest, seedPair } from "./operate.ts";
import type { SimulatorOptions } from "./options.ts";
import { listen } from "./server.ts";
import { Sessions } from "./sessions.ts";
import { checkedSwitches, defaultSwitches, type Switches } from "./switches.ts";
import { DEFAULT_USERS, type User } from "./users.ts";
import type { World } from "./world.ts";

export type { Call, Phase, RequestKind } from "./calls.ts";
export type { Fault } from "./fault.ts";
export type { InjectedFault } from "./fault-plan.ts";
export type { Issued } from "./issue.ts";
export type { Pair, Presentation } from "./ledger.ts";
export type { SeedRequest } from "./operate.ts";
export type { IdentityProvider, SimulatorOptions } from "./options.ts";
export type { Switches } from "./switches.ts";
export type { User } from "./users.ts";

/** A JFrog Platform instance on a port of its own: Access, and as much of Artifactory as shows that a token works. */
export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  readonly url: string;
  /** The instance's id: service ids are `jfac@<id>`, `jfrt@<id>`. */
  readonly id: string;
  readonly kid: string;
  /** Base64 of its DER, as `cert/root` answers it. */
  readonly rootCertificate: string;
  /** Live: a change holds from the next request on. */
  readonly switches: Switches;
  /** By name; live. */
  readonly users: Map<string, User>;
  readonly ledger: Ledger;
  readonly calls: readonly Call[];

  /** The user signs in and confirms. `session`: the uuid or its last four characters; default: the newest login. */
  approve(session?: string, user?: string): void;
  deny(session?: string): void;
  /** Issues a pair with no request behind it. */
  seed(request: SeedRequest): Issued;
  /** An administrator revokes a pair. */
  revoke(tokenId: string): void;
  /** Accepts the tokens of the instance with that root certificate (base64 DER). */
  trust(certificate: string): void;
  distrust(certificate: string): void;

  /** Puts a fault in place. Of several that match, all holds and the first other one strike. */
  inject(fault: Fault): InjectedFault;
  /** Removes every fault, and lets go the requests they hold. */
  clearFaults(): void;
  /** Refuses connections until {@link Simulator.online}. */
  offline(): Promise<void>;
  online(): Promise<void>;

  /** Called at every phase of every request; the returned function ends that. */
  onCall(listener: CallListener): () => void;
  /** The `count`-th request of that kind since the start (default 1), once it has reached the phase (default arrived). */
  waitFor(kind: RequestKind, count?: number, phase?: Phase): Promise<Call>;

  /** Every token, refresh token and session uuid ever issued or presented, in clear: for leak searches. Never over HTTP. */
  secrets(): string[];
  /** Ends it at once; requests that are held are never applied. */
  close(): Promise<void>;
}

// Shorter texts can't be told from chance finds, and are no secret of JFrog's.
const SHORTEST_SECRET = 16;

async function createWorld(options: SimulatorOptions, secrets: Set<string>): Promise<World> {
  const random = options.random ?? randomBytes;
  const clock = options.clock ?? Date.now;
  return {
    url: "",
    switches: { ...defaultSwitches(), ...checkedSwitches(options.switches ?? {}) },
    authority: await createAuthority(random, clock()),
    users: new Map((options.users ?? DEFAULT_USERS).map((user) => [user.name, user])),
    providers: options.identityProviders ?? [],
    sessions: new Sessions(),
    ledger: new Ledger(),
    calls: new CallLog(),
    faults: new FaultPlan(),
    artifacts: new Map(),
    expiredInARow: new Map(),
    usedPairings: new Set(),
    random,
    clock,
    secret: (value) => {
      if (value.length >= SHORTEST_SECRET) secrets.add(value);
    },
  };
}

/** Starts an instance. Several live side by side in one process. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const secrets = new Set<string>();
  const world = await createWorld(options, secrets);
  const listener = await listen(world, options.host ?? "127.0.0.1", options.port ?? 0);
  world.url = listener.url;
  const { authority, calls, faults } = world;
  return {
    url: listener.url,
    id: authority.id,
    kid: authority.kid,
    rootCertificate: authority.certificate.toString("base64"),
    switches: world.switches,
    users: world.users,
    ledger: world.ledger,
    calls: calls.all,
    approve: (session, user) => approveLogin(world, session, user),
    deny: (session) => denyLogin(world, session),
    seed: (request) => seedPair(world, request),
    revoke: (tokenId) => revokePair(world, tokenId),
    trust: (certificate) => trust(authority, certificate),
    distrust: (certificate) => distrust(authority, certificate),
    inject: (fault) => faults.inject(checkedFault(fault)),
    clearFaults: () => faults.clear(),
    offline: () => listener.down(),
    online: () => listener.up(),
    onCall: (listen) => calls.listen(listen),
    waitFor: (kind, count = 1, phase = "arrived") => calls.waitFor(kind, count, phase),
    secrets: () => [...secrets],
    close: () => listener.down(),
    [Symbol.asyncDispose]: () => listener.down(),
  };
}
