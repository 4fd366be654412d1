/** A path as it is written: an `~/` in front of it is the home directory, and stays the shell's to expand. */
export interface WrittenPath {
  readonly path: string;
}

/**
 * A command that a person can copy as it is into a POSIX shell, whatever the names in it hold: `` shell`chmod 600 ${path}` ``.
 * The template's own words stand as they are; each value becomes one word.
 */
export function shell(written: TemplateStringsArray, ...values: readonly (string | WrittenPath)[]): string {
  return String.raw(
    { raw: written },
    ...values.map((value) => (typeof value === "string" ? word(value) : path(value))),
  );
}

/** `dotvault enrol jfrog --again`. What begins with a dash is no option: `dotvault enrol --again -- -x`. */
export function dotvault(verb: string, what: string, ...options: readonly string[]): string {
  const isDashed = what.startsWith("-");
  const words = isDashed ? [...options.filter((each) => each !== "--"), "--", word(what)] : [word(what), ...options];
  return ["dotvault", verb, ...words].join(" ");
}

/** No shell looks at any of it. */
const PLAIN = /^[\p{L}\p{M}\p{N}_@%+:,./-]+$/u;

function word(text: string): string {
  if (PLAIN.test(text)) return text;
  if (UNSEEN.test(text)) return `$'${text.replace(ESCAPED, (c) => (UNSEEN.test(c) ? octal(c) : `\\${c}`))}'`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function path({ path: written }: WrittenPath): string {
  if (written.startsWith("~/")) return `~/${written.length > 2 ? word(written.slice(2)) : ""}`;
  return word(written.startsWith("-") ? `./${written}` : written);
}

/** What would act on a terminal, or hide: it is spelled by its bytes (dollar-single-quotes, POSIX.1-2024 2.2.4). */
const UNSEEN = /[\p{C}\u2028\u2029]/u;
const ESCAPED = /[\\'\p{C}\u2028\u2029]/gu;

function octal(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
