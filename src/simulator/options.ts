import type { KeyObject } from "node:crypto";
import type { Random } from "./random.ts";
import type { Switches } from "./switches.ts";
import type { User } from "./users.ts";

/** An OpenID provider that administrators have connected: its ID tokens are exchanged for access tokens. */
export interface IdentityProvider {
  readonly name: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  /** The `aud` that its tokens must hold. Default: any. */
  readonly audience?: string;
  /** The claim that names the user. Default `sub`. */
  readonly userClaim?: string;
  /** Lifetime of the access token, seconds. Default 3600. */
  readonly seconds?: number;
}

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
  /** Milliseconds since the epoch. Default Date.now. */
  readonly clock?: () => number;
  /** Default: crypto's. The signing key is never drawn from it. */
  readonly random?: Random;
  readonly switches?: Partial<Switches>;
  /** Default: ada, grace, and admin (an administrator). */
  readonly users?: readonly User[];
  readonly identityProviders?: readonly IdentityProvider[];
}
