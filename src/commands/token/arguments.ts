import { DotvaultError } from "../../errors.ts";

/** Throws `usage.arguments` when there are not as many arguments as the verb takes. */
export function requireArguments(
  verb: string,
  given: readonly string[],
  [least, most]: readonly [number, number],
): void {
  const hint = "dotvault token --help";
  if (given.length < least)
    throw new DotvaultError("usage.arguments", `token ${verb}: an argument is missing`, { hint });
  if (given.length <= most) return;
  throw new DotvaultError("usage.arguments", `token ${verb}: too many arguments: ${given.slice(most).join(" ")}`, {
    hint,
  });
}
