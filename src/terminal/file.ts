import { dotvault } from "../shell.ts";
import { harmless, type Style } from "./style.ts";

interface Answered {
  readonly rule: string;
  readonly path: string;
  readonly answer: "keep" | "take-back" | "stop";
  /** Values that stay as others write them. */
  readonly keys: readonly string[];
  /** It is not done yet. */
  readonly pending: boolean;
}

/** `file` for people. */
export function answerText(
  { rule, path, answer, keys, pending }: Answered,
  failure: { readonly message: string } | null,
  style: Style,
): string {
  const name = harmless(rule);
  if (failure !== null) return `${style.red("✗")} ${name}: ${harmless(failure.message)}\n`;
  if (pending)
    return `${style.yellow("!")} ${name}: ${harmless(path)} is written anew as soon as its secret can be read\n`;
  const takeBack = dotvault("file take-back", rule);
  const places = keys.map((key) => harmless(key || "all of it")).join(", ");
  const told = {
    keep: `what others write at ${places} stays; take it back with: ${takeBack}`,
    "take-back": `${harmless(path)} is as the rule wants it`,
    stop: `${harmless(path)} is written no more, and stays as it is; begin again with: ${takeBack}`,
  };
  return `${style.green("✓")} ${name}: ${told[answer]}\n`;
}
