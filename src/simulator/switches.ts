import { DotvaultError } from "../errors.ts";

const HOUR = 3600;
const YEAR = 31_536_000;

/** How an instance behaves where JFrog deployments differ, or where nobody knows for sure. Mutable while it runs. */
export interface Switches {
  /** Artifactory's version. Features older than it are absent: web login 7.64.0, `DELETE /tokens/me` 7.53.1, … */
  version: string;

  /** Body of the poll's "not yet" (status 400). */
  pendingBody: "access" | "flat" | "empty" | "html";
  /** Status of a poll after the token was collected, and of one for an unknown or ended session. */
  collectedPoll: 400 | 404;
  /** A proxy that answers the poll path alone with an HTML page. */
  pollBlocked: 403 | 404 | null;
  /** Whether the poll's answer names the user. */
  pollUsername: boolean;
  /** Lifetime of the token that a login yields, seconds. {@link Switches.capSeconds} leaves it alone. */
  bootstrapSeconds: number;
  /** How long a login session waits for its user, seconds. */
  sessionSeconds: number;
  /** A user who approves every login as soon as it is registered. */
  autoApprove: string | null;

  /** Lifetime when none is asked for, seconds. */
  defaultSeconds: number;
  /** Longest lifetime a non-admin may ask for, seconds. */
  maximumSeconds: number;
  /** What happens beyond it: 403, or a shorter token. */
  overMaximum: "refuse" | "clamp";
  /** Quiet cap on every minted or refreshed token's lifetime, seconds. */
  capSeconds: number | null;
  /** `false`: refresh tokens are never given, whatever was asked. */
  refreshable: boolean;
  /** Reference tokens: ignored, given when asked, given always, or given **as** the access token. */
  referenceTokens: "disabled" | "on-request" | "always" | "opaque";
  /** Form of the `aud` claim: an array for several and a string for one, or always one of them. */
  audienceForm: "auto" | "array" | "string";
  /** Form of `expires_in` in answers. */
  expiresInForm: "number" | "string" | "absent";

  /** Whether a refresh needs an `Authorization` header. */
  refreshNeedsBearer: boolean;
  /** Lifetime of a refreshed token when none is asked for: the one asked for at the mint, or the default. */
  refreshLifetime: "same" | "default";
  /** The old access token after a refresh: dies at once, lives to its `exp`, or for some milliseconds. */
  oldAccessToken: "dies" | "lives" | { readonly lagMs: number };
  /** Status of a refresh with a spent, revoked or unknown refresh token. */
  spentRefresh: 404 | 401 | 403;
  /** How long an expired token can still be refreshed, seconds (0: not at all). */
  graceSeconds: number;

  /** Shorter tokens are not stored: `GET /tokens/{id}` answers 404. Seconds. */
  storedFromSeconds: number;
  /** Shorter tokens can't be revoked: 400. Seconds. */
  revocableFromSeconds: number;

  /**
   * Whether revocable tokens of other members of the circle of trust are accepted, as with Access Federation. Without it each
   * instance looks for them in its own database, and takes them for revoked.
   */
  foreignRevocable: boolean;

  /** Users to whom every request answers 403 in JFrog's own shape. */
  suspendedUsers: string[];
  /** Suspends a user after so many requests with an expired token, one after the other. */
  lockAfter: number | null;

  /** How far the server's clock is ahead: `Date`, `iat`, `exp` and every judgement by them. Milliseconds. */
  clockSkewMs: number;
  /** A further error of the `Date` header alone, milliseconds. */
  dateSkewMs: number;
  /** Whether there is a `Date` header. */
  dateHeader: boolean;

  /** Whether `/artifactory/api/system/version` needs a token. */
  versionNeedsToken: boolean;
}

export function defaultSwitches(): Switches {
  return {
    version: "7.104.5",
    pendingBody: "access",
    collectedPoll: 400,
    pollBlocked: null,
    pollUsername: true,
    bootstrapSeconds: YEAR,
    sessionSeconds: 300,
    autoApprove: null,
    defaultSeconds: YEAR,
    maximumSeconds: YEAR,
    overMaximum: "refuse",
    capSeconds: null,
    refreshable: true,
    referenceTokens: "on-request",
    audienceForm: "auto",
    expiresInForm: "number",
    refreshNeedsBearer: false,
    refreshLifetime: "same",
    oldAccessToken: "dies",
    spentRefresh: 404,
    graceSeconds: 24 * HOUR,
    storedFromSeconds: 3 * HOUR,
    revocableFromSeconds: 6 * HOUR,
    foreignRevocable: false,
    suspendedUsers: [],
    lockAfter: null,
    clockSkewMs: 0,
    dateSkewMs: 0,
    dateHeader: true,
    versionNeedsToken: false,
  };
}

type Check = (value: unknown) => boolean;

const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const natural: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const integer: Check = (value) => Number.isSafeInteger(value);
const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const lag: Check = (value) => typeof value === "object" && value !== null && "lagMs" in value && natural(value.lagMs);

const CHECKS: Readonly<Record<keyof Switches, Check>> = {
  version: (value) => typeof value === "string" && /^\d+\.\d+\.\d+$/.test(value),
  pendingBody: oneOf("access", "flat", "empty", "html"),
  collectedPoll: oneOf(400, 404),
  pollBlocked: oneOf(403, 404, null),
  pollUsername: flag,
  bootstrapSeconds: natural,
  sessionSeconds: natural,
  autoApprove: orNull(text),
  defaultSeconds: natural,
  maximumSeconds: natural,
  overMaximum: oneOf("refuse", "clamp"),
  capSeconds: orNull(natural),
  refreshable: flag,
  referenceTokens: oneOf("disabled", "on-request", "always", "opaque"),
  audienceForm: oneOf("auto", "array", "string"),
  expiresInForm: oneOf("number", "string", "absent"),
  refreshNeedsBearer: flag,
  refreshLifetime: oneOf("same", "default"),
  oldAccessToken: (value) => value === "dies" || value === "lives" || lag(value),
  spentRefresh: oneOf(404, 401, 403),
  graceSeconds: natural,
  storedFromSeconds: natural,
  revocableFromSeconds: natural,
  foreignRevocable: flag,
  suspendedUsers: (value) => Array.isArray(value) && value.every(text),
  lockAfter: orNull(natural),
  clockSkewMs: integer,
  dateSkewMs: integer,
  dateHeader: flag,
  versionNeedsToken: flag,
};

/**
 * Settings that came from outside (HTTP, argv), checked name by name.
 * @throws DotvaultError `simulator.switch` for an unknown name or a value of the wrong kind
 */
export function checkedSwitches(patch: unknown): Partial<Switches> {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch))
    throw new DotvaultError("simulator.switch", "switches are a JSON object");
  for (const [name, value] of Object.entries(patch)) {
    if (!Object.hasOwn(CHECKS, name)) throw new DotvaultError("simulator.switch", `no switch is named ${name}`);
    if (!CHECKS[name as keyof Switches](value))
      throw new DotvaultError("simulator.switch", `${name} can't be ${JSON.stringify(value)}`);
  }
  return patch as Partial<Switches>;
}

/** Whether a deployment's version has what came with `since`. */
export function atLeast(version: string, since: string): boolean {
  const [ours, theirs] = [version, since].map((dotted) => dotted.split(".").map(Number));
  for (const [index, part] of (theirs ?? []).entries()) {
    const difference = (ours?.[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
