import { harmless } from "./style.ts";

/** The words of a login, in the predecessor's lines: people know them. */

export const checking = "dotvault: checking enrolments...\n";

export function missingLine(name: string, label: string): string {
  return `  ○ ${name} (${label}) — missing\n`;
}

export function heading(index: number, count: number, label: string): string {
  return `\nEnrolment [${index}/${count}]: ${label}\n`;
}

/** All that a person needs, before any program is started: whoever can do nothing but read can still sign in. */
export function loginLines({ url, code }: { url: string; code: string }): string {
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
  return `⠼ Waiting for authentication... (${minutes(millisecondsLeft)} left, Ctrl-C keeps the session)`;
}

export const mintingLine = "⠼ Minting dotvault-owned access token...";
export const storingLine = "⠼ Storing the credential...";

export function troubleLine(message: string): string {
  return `! ${harmless(message)}; trying again\n`;
}

export function doneLines(name: string, label: string, user: string | undefined): string {
  const who = user ? ` for @${harmless(user)}` : "";
  return `✓ Authentication complete!\n✓ ${name} (${label}) — credentials acquired${who}\n`;
}

function minutes(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
