import { harmless } from "../style.ts";
import { countdown } from "../times.ts";
import type { Login } from "./login.ts";

/** The words of a login, in the predecessor's lines: people know them. */

export const checking = "dotvault: checking enrolments...\n";

export function missingLine(name: string, label: string): string {
  return `  ○ ${name} (${label}) — missing\n`;
}

export function heading(index: number, count: number, label: string): string {
  return `\nEnrolment [${index}/${count}]: ${label}\n`;
}

/** All that a person needs, before any program is started: whoever can do nothing but read can still sign in. */
export function loginLines({ url, code }: NonNullable<Login["link"]>): string {
  return (
    `! First, copy your one-time code: ${code}\n  (you will be prompted for this after signing in)\n` +
    `- Please open ${url} in your browser.\n`
  );
}

export function openedLine(url: string): string {
  return `✓ Opened ${url} in browser\n`;
}

/** `⠼ Waiting for authentication... (4:12 left, Ctrl-C keeps the session)` */
export function waitingLine(millisecondsLeft: number): string {
  return `⠼ Waiting for authentication... (${countdown(millisecondsLeft)} left, Ctrl-C keeps the session)\n`;
}

export const mintingLine = "⠼ Minting dotvault-owned access token...\n";
export const storingLine = "⠼ Storing the credential...\n";

export function troubleLine(message: string): string {
  return `! ${harmless(message)}; trying again\n`;
}

export function doneLines(login: Login): string {
  return `✓ Authentication complete!\n✓ ${login.name} (${login.label}) — ${acquired(login)}\n`;
}

/** `credentials acquired for @ada`. */
export function acquired({ user }: Login): string {
  return `credentials acquired${user ? ` for @${harmless(user)}` : ""}`;
}

export function endedLines(login: Login): string {
  const { message, hint } = ending(login);
  return `✗ ${login.name}: ${message}\n${hint === null ? "" : `  ${hint}\n`}`;
}

export function ending({ reason }: Login): { message: string; hint: string | null } {
  if (reason === null) return { message: "the login led to nothing", hint: null };
  return { message: harmless(reason.message), hint: reason.hint === null ? null : harmless(reason.hint) };
}

export function leftLine(names: readonly string[]): string {
  return `the logins stay as they are (${names.join(", ")}): dotvault enrol comes back to them, with the same codes\n`;
}

/** Where a browser can't be opened for the person, by the place that this is. */
export const PLACES: Readonly<Record<string, string>> = {
  ssh: "this is a remote machine (SSH): open the links on the one in front of you",
  container: "this is a container: open the links on its host",
  console: "there is no desktop here: open the links on any other machine",
};
