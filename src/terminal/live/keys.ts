/** Escape sequences (ECMA-48) come whole, as terminals send them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const KEY = /\u001b[[O][0-9;]*[A-Za-z~]|[\s\S]/gu;

const NAMES: Readonly<Record<string, string>> = {
  "\u001b[A": "up",
  "\u001bOA": "up",
  "\u001b[B": "down",
  "\u001bOB": "down",
  "\t": "down",
  "\u0003": "interrupt",
  "\u0004": "q",
  "\u000c": "redraw",
  "\u001a": "suspend",
};

/** The keys in what a terminal in raw mode sent: `o`, `up`, `interrupt`; letters in lower case. */
export function keysOf(sent: string): string[] {
  return (sent.match(KEY) ?? []).map((key) => NAMES[key] ?? key.toLowerCase());
}
