import type { VaultAnswer } from "../answer.ts";
import { asDocument } from "../documents.ts";
import { judgeLogin } from "./answer.ts";
import type { LoginPorts, LoginResult, PersonPorts } from "./method.ts";

/** `mfa_requirement` of a login's answer. https://openbao.org/api-docs/system/mfa/validate/ */
export interface SecondFactor {
  readonly requestId: string;
  /** One of each has to be passed. */
  readonly constraints: readonly (readonly MfaMethod[])[];
}

interface MfaMethod {
  readonly id: string;
  /** `totp`, or a push: `duo`, `okta`, `pingid`. */
  readonly type: string;
  readonly name: string | undefined;
  /** A code is typed; else something is tapped on a phone, and the request waits for it. */
  readonly usesPasscode: boolean;
}

/** How often a code may be mistyped. The server has a limit of its own. */
const TRIES = 3;
/** A push is waited for so long, milliseconds. */
const PUSH_MS = 90_000;

export function secondFactorOf({ status, body }: VaultAnswer): SecondFactor | undefined {
  const wish = asDocument(asDocument(asDocument(body)?.auth)?.mfa_requirement);
  const requestId = wish?.mfa_request_id;
  if (status !== 200 || typeof requestId !== "string") return undefined;
  const constraints = Object.values(asDocument(wish?.mfa_constraints) ?? {}).map((constraint) => {
    const any = asDocument(constraint)?.any;
    return Array.isArray(any) ? any.flatMap(methodFrom) : [];
  });
  return { requestId, constraints };
}

function methodFrom(value: unknown): MfaMethod[] {
  const { id, type, name, uses_passcode: usesPasscode } = asDocument(value) ?? {};
  if (typeof id !== "string" || typeof type !== "string") return [];
  const shown = typeof name === "string" && name !== "" ? printable(name) : undefined;
  return [{ id, type: printable(type), name: shown, usesPasscode: usesPasscode === true }];
}

/** Asks the person, and the server. A code that the server does not take may be typed again. */
export async function passSecondFactor(
  { requestId, constraints }: SecondFactor,
  mount: string,
  { client, now, signal }: LoginPorts,
  person: PersonPorts,
): Promise<LoginResult> {
  const chosen: MfaMethod[] = [];
  for (const methods of constraints) {
    const method = await choice(methods, person);
    if (method === undefined) return unknownFactor(mount);
    chosen.push(method);
  }
  const typed = chosen.some(({ usesPasscode }) => usesPasscode);
  for (let tries = 1; ; tries++) {
    const json = { mfa_request_id: requestId, mfa_payload: await payload(chosen, person) };
    const askedAt = now();
    const request = { method: "POST", path: "sys/mfa/validate", json, token: false, signal } as const;
    const answer = await client.call({ ...request, ...(chosen.some(isPush) && { timeouts: { headersMs: PUSH_MS } }) });
    if (answer.status !== 403 || !typed || tries === TRIES) return judgeLogin(answer, mount, askedAt);
    person.tell("Vault does not take that code. Wait for the next one, and type it.");
  }
}

const isPush = ({ usesPasscode }: MfaMethod) => !usesPasscode;

async function choice(methods: readonly MfaMethod[], person: PersonPorts): Promise<MfaMethod | undefined> {
  if (methods.length < 2) return methods[0];
  methods.forEach((method, i) => {
    person.tell(`  ${i + 1}  ${nameOf(method)}`);
  });
  const typed = await person.ask(`Second factor [1-${methods.length}]:`, { hidden: false });
  return methods[Number(typed.trim() || "1") - 1] ?? choice(methods, person);
}

async function payload(chosen: readonly MfaMethod[], person: PersonPorts): Promise<Record<string, string[]>> {
  const given: Record<string, string[]> = {};
  for (const method of chosen) given[method.id] = method.usesPasscode ? [await codeFor(method, person)] : [];
  for (const method of chosen.filter(isPush)) person.tell(`Approve the sign-in on your phone (${nameOf(method)}).`);
  return given;
}

async function codeFor(method: MfaMethod, person: PersonPorts): Promise<string> {
  return (await person.ask(`Code (${nameOf(method)}):`, { hidden: false })).replace(/\s/g, "");
}

function nameOf({ type, name }: MfaMethod): string {
  return name === undefined ? type : `${type} ${name}`;
}

function printable(text: string): string {
  return text.replace(/[\s\p{C}]+/gu, " ").slice(0, 60);
}

function unknownFactor(mount: string): LoginResult {
  const message = `the login at auth/${mount} asks for a second factor of no known kind`;
  const hint = "ask the operators of Vault which methods its login enforcement names";
  return { kind: "refused", class: "login.second-factor.unknown", message, hint };
}
