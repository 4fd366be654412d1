import { DotvaultError } from "../../../errors.ts";
import { position } from "./edits.ts";
import { WHOSE, type Whose } from "./format.ts";

/** A text that is not of its format: names the place, never the content. */
export function unparsable(text: string, whose: Whose, format: string, offset: number, what: string): DotvaultError {
  return new DotvaultError(
    `files.${whose}-unparsable`,
    `${WHOSE[whose]} is not valid ${format} at ${position(text, offset)}: ${what}`,
    { hint: whose === "target" ? "repair the file, it was left as it is" : "repair the rule's template" },
  );
}

/** A value that the format can't hold, or that would become more than a value. */
export function unsafe(text: string, offset: number, what: string): DotvaultError {
  return new DotvaultError("files.unsafe-value", `the template's output, ${position(text, offset)}: ${what}`, {
    hint: "look at what the secret holds in that field, and quote it in the template if the format has quotes",
  });
}

/** More than one place or meaning is possible, and only a person knows which is meant. */
export function ambiguous(what: string, hint: string): DotvaultError {
  return new DotvaultError("files.ambiguous", what, { hint });
}

/** A shape that we refuse rather than guess at. */
export function unsupported(what: string): DotvaultError {
  return new DotvaultError("files.unsupported", what, { hint: "write it in the usual way, and sync again" });
}

/**
 * In line-based formats a carriage return ends the line for some readers and a NUL ends the text: refused in what a
 * template renders. In a file, a carriage return alone is refused as well: nobody can say where its lines end.
 */
export function refuseControls(text: string, whose: Whose): void {
  const found = (whose === "rendered" ? /\0|\r(?!\n)/ : /\r(?!\n)/).exec(text);
  if (!found) return;
  const what = found[0] === "\0" ? "a NUL character" : "a carriage return that is no line's end";
  if (whose === "rendered") throw unsafe(text, found.index, what);
  throw unsupported(`the file has ${what} at ${position(text, found.index)}`);
}
