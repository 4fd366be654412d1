import { holderWords, untilWords } from "../session.ts";
import { harmless } from "../style.ts";
import { moment, relative } from "../times.ts";
import type { VaultReport } from "./report.ts";
import { type Telling, type Told, tellRetry } from "./telling.ts";

const SOURCES: Readonly<Record<NonNullable<VaultReport["source"]>, string>> = {
  env: "token from DOTVAULT_TOKEN",
  file: "token from ~/.dotvault-token",
  login: "",
};

/** What `status` says of the session with Vault. */
export function tellVault(vault: VaultReport, telling: Telling): Told {
  const { now } = telling;
  const retried = vault.retries.flatMap((retry) => tellRetry(retry, telling));
  const lines = [retried.length > 0 ? retried : firstOf(vault, now), ...refusalOf(vault, now), helpOf(vault)];
  if (retried.length > 0 && vault.source !== null) lines.splice(1, 0, tokenWords(vault, now));
  return { word: wordOf(vault), lines: lines.filter((line) => line.length > 0) };
}

function wordOf({ state, source, level, refusal, method, logsInAlone }: VaultReport): string {
  if (source !== null) return level === "person-needed" && refusal === null ? "ends soon" : "logged in";
  if (state.startsWith("signingIn")) return "logging in";
  if (state === "refused") return "login refused";
  if (state === "expired") return "token refused";
  if (logsInAlone) return "not logged in";
  return method === null ? "token needed" : "login needed";
}

function firstOf(vault: VaultReport, now: Date): string[] {
  const { state, source, method, endedAt, logsInAlone } = vault;
  if (source !== null) return tokenWords(vault, now);
  switch (state) {
    case "signingIn.asking":
      return [`with ${method}`];
    case "signingIn.person":
      return ["somebody is logging in at a terminal"];
    case "signingIn.pausing":
      return ["the answer to a login was lost; it is tried again"];
    case "expired":
      return [
        `Vault does not accept the token: expired, revoked or mistyped${endedAt === null ? "" : ` (${relative(endedAt, now)})`}`,
      ];
    case "refused":
      return [];
    default:
      if (logsInAlone) return [`with ${method}, as soon as Vault is needed`];
      return [method === null ? "nobody has brought a token" : "nobody has logged in yet"];
  }
}

function tokenWords({ source, who, method, expiresAt, renewedAt, renewsAt }: VaultReport, now: Date): string[] {
  const holder = source === "login" ? holderWords(who, method) : [SOURCES[source ?? "login"], holderWords(who, null)];
  const renewal = renewsAt === null ? [] : [`next renewal ${moment(renewsAt, now)}`];
  const renewed = renewedAt === null ? [] : [`renewed ${moment(renewedAt, now)}`];
  return [[holder].flat().join(" ").trim(), untilWords(expiresAt, now), ...renewed, ...renewal];
}

function refusalOf({ refusal }: VaultReport, now: Date): string[][] {
  if (refusal === null) return [];
  return [[harmless(refusal.message), `since ${moment(refusal.since, now)}`]];
}

function helpOf({ level, method, source, refusal, run }: VaultReport): string[] {
  if (level !== "person-needed") return [];
  const hint = refusal?.hint ?? (method === null && source === null ? BRING : null);
  const said = hint !== null && !hint.includes("dotvault login") ? [harmless(hint)] : [];
  return [...(source === null ? ["files stay as they are"] : []), ...said, ...(run === null ? [] : [`run: ${run}`])];
}

const BRING = "put one into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN";
