import { GROUPS, type Option, VERBS, type Verb } from "../table.ts";

/** `dotvault help` and `dotvault <verb> --help`. */
export function helpText(verb?: Verb): string {
  return verb ? helpFor(verb) : overview();
}

function overview(): string {
  const width = Math.max(...VERBS.map((verb) => called(verb).length));
  return [
    "dotvault keeps developer credentials alive: gets them, rotates them, writes them into your files, loses none.",
    "",
    "usage: dotvault <verb> [options]",
    "",
    ...GROUPS.flatMap(({ title, verbs }) => [
      `${title}:`,
      ...verbs.map((verb) => `  ${called(verb).padEnd(width)}  ${verb.summary}`),
      "",
    ]),
    "first steps:",
    "  dotvault init https://mycompany.jfrog.io    write a configuration",
    "  dotvault enrol                              sign in",
    "  dotvault run                                keep everything alive",
    "",
    "exit codes: 0 healthy, 1 error, 2 usage, 3 a person is needed",
    "dotvault <verb> --help tells more",
    "",
  ].join("\n");
}

function helpFor(verb: Verb): string {
  const options = [...verb.options, { name: "help", short: "h", help: "this text" }];
  const width = Math.max(...options.map((option) => spelled(option).length));
  return [
    `usage: dotvault ${called(verb)} [options]`,
    "",
    `  ${verb.summary}`,
    "",
    "options:",
    ...options.map((option) => `  ${spelled(option).padEnd(width)}  ${option.help}`),
    "",
    "examples:",
    ...verb.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

function called(verb: Verb): string {
  return verb.args === undefined ? verb.name : `${verb.name} ${verb.args}`;
}

function spelled({ name, short, value }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}
