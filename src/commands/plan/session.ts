import { existsSync } from "node:fs";
import { fileIn } from "../../adapters/vault/token.ts";
import { hostOf } from "../../agent/vault-session/names.ts";
import type { Config } from "../../config/config.ts";
import type { JournalReader } from "../../journal/port.ts";
import { VAULT } from "../../machines/stream/names.ts";
import { currentToken, type Settings } from "../../machines/vault-session/context.ts";
import { initialSession, type SessionSnapshot, type Standing, step } from "../../machines/vault-session/decide.ts";
import type { VaultPlan } from "../../terminal/plan/report.ts";
import { sessionSettings } from "../assembly/vault.ts";
import type { Io } from "../cli/io.ts";
import { sessionOf } from "../next/session.ts";

/** What becomes of the login at Vault, as its machine decides; null where there is none, nor was there one. */
export async function vaultPlan(
  reader: JournalReader | undefined,
  { vault }: Config,
  io: Pick<Io, "env" | "home" | "user" | "now">,
): Promise<VaultPlan | null> {
  const { address } = vault;
  const left = leftServers(reader, address);
  if (address === undefined) return left ? { ...NOTHING, login: "none", drops: true } : null;
  const server = hostOf(address);
  const settings = await sessionSettings({ ...vault, address }, io);
  const plan = loginAfter(standingOf(reader, server), settings, { at: io.now(), isBrought: isBrought(io) });
  return { ...plan, server, drops: left || plan.drops };
}

/** What the session makes of other settings. Pure. `isBrought`: a person has put a token there. */
export function loginAfter(
  before: Standing,
  settings: Settings,
  { at, isBrought: brings }: { readonly at: number; readonly isBrought: boolean },
): VaultPlan {
  const isSame = JSON.stringify(before.snapshot.context.settings) === JSON.stringify(settings);
  const taken = isSame ? undefined : step(before, { type: "CONFIGURED", at, settings });
  const token = currentToken((taken?.snapshot ?? before.snapshot).context);
  const had = currentToken(before.snapshot.context);
  const drops = had?.source === "login" && token === null;
  const plan = { ...NOTHING, method: settings.method, drops };
  if (token !== null) return { ...plan, login: "same", endsAt: isSame ? null : endOf(token, taken?.sets ?? []) };
  if (brings) return { ...plan, login: "token" };
  if (settings.method !== null && !settings.needsPerson) return { ...plan, login: "alone" };
  return { ...plan, login: "person", run: settings.method === null ? null : "dotvault login" };
}

const NOTHING = { server: null, method: null, drops: false, endsAt: null, run: null } as const;

/** Whether a token of another server is kept, which is given up then. */
function leftServers(reader: JournalReader | undefined, address: string | undefined): boolean {
  const heads = reader?.heads(VAULT) ?? [];
  return heads.some(({ stream, snapshot }) => {
    if (address !== undefined && stream === VAULT + hostOf(address)) return false;
    return (snapshot as unknown as SessionSnapshot).context.settings !== null;
  });
}

function standingOf(reader: JournalReader | undefined, server: string): Standing {
  const known = reader && sessionOf(reader, VAULT + server);
  return known?.standing ?? { stream: VAULT + server, version: 0, snapshot: initialSession(), open: [], wakes: [] };
}

/** Where nothing renews it any more. */
function endOf(
  { life }: NonNullable<ReturnType<typeof currentToken>>,
  sets: readonly { readonly name: string }[],
): Date | null {
  const ends = life?.expiresAt ?? null;
  return ends === null || sets.some(({ name }) => name === "renew") ? null : new Date(ends);
}

/** By a person: then it comes before every login. */
function isBrought({ env, home }: Pick<Io, "env" | "home">): boolean {
  return Boolean(env.DOTVAULT_TOKEN?.trim()) || existsSync(fileIn(home));
}
