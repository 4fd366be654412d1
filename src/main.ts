import { processIo, stderr, stdout } from "./commands/cli/process-io.ts";
import { harmless } from "./terminal/style.ts";

/** Reads argv, imports one command. Everything a command needs of the process is handed to it. */
async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (first === "version" && argv.length === 1) return (await import("./commands/version.ts")).printVersion(stdout);
  if (first === undefined || first === "help" || first === "--help" || first === "-h") return await help(argv[1]);
  if (first === "--version") return await main(["version"]);
  const { verb, parsed, help: wantsHelp } = await called(argv);
  if (wantsHelp) return await help(verb.name);
  const command = await verb.load();
  return await command(parsed, processIo());
}

/** What the command line says; with `--json` that it is wrong is a document, too. */
async function called(argv: readonly string[]) {
  const { parseCommandLine } = await import("./commands/cli/parse.ts");
  try {
    return parseCommandLine(argv);
  } catch (error) {
    if (argv.includes("--json")) (await import("./commands/cli/json.ts")).printFailure({ out: stdout }, error);
    throw error;
  }
}

async function help(name: string | undefined): Promise<number> {
  const [{ helpText }, { VERBS }] = await Promise.all([
    import("./commands/cli/help.ts"),
    import("./commands/table.ts"),
  ]);
  stdout.write(helpText(VERBS.find((verb) => verb.name === name)));
  return 0;
}

/** One way to fail: what happened, what to do, the exit code. */
function report(error: unknown): number {
  const known = error instanceof Error && "code" in error && "hint" in error;
  if (!known) {
    stderr.write(`dotvault: unexpected ${unexpected(error)}\n`);
    return 1;
  }
  const { code, hint, message } = error as Error & { code: string; hint: string | undefined };
  stderr.write(`dotvault: ${lines(message)}\n${hint === undefined ? "" : `  ${lines(hint)}\n`}`);
  return code.startsWith("usage.") ? 2 : 1;
}

/** A message may quote what somebody else has named. */
function lines(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/[^ ].*/s, harmless))
    .join("\n");
}

/** Where it happened, without the message: a library's may quote what it was working on, a token say. */
function unexpected(error: unknown): string {
  if (!(error instanceof Error)) return "error";
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return [error.name, ...frames].join("\n");
}

// Node would print the message, and the source line that threw it.
process.on("uncaughtException", (error) => process.exit(report(error)));

// Should the process run out of work before the command is done, that is an error.
process.exitCode = 1;
main(process.argv.slice(2))
  .catch(report)
  .then((code) => {
    process.exitCode = code;
  });
