import { DotvaultError } from "../errors.ts";
import { type Command, EXIT } from "./cli/io.ts";
import type { Option, Verb } from "./table/verb.ts";

/** Completion for a shell, made from the table of verbs. */
export function completionOf(verbs: readonly Verb[]): Command {
  return async ({ positionals: [shell = ""] }, io) => {
    const script = SHELLS[shell];
    if (!script) {
      throw new DotvaultError("usage.shell", `there is no completion for "${shell}"`, { hint: "bash, zsh or fish" });
    }
    io.out.write(script(verbs));
    return EXIT.healthy;
  };
}

const SHELLS: Readonly<Record<string, (verbs: readonly Verb[]) => string>> = { bash, zsh, fish };

const help: Option = { name: "help", short: "h", help: "tells more" };

function optionsOf(verb: Verb): readonly Option[] {
  return [...verb.options, help];
}

/** Words that the first argument is one of: `<bash|zsh|fish>`. */
function choices({ args = "", words: named }: Verb): readonly string[] {
  if (named !== undefined) return named;
  const words = /^<(.*\|.*)>$/.exec(args)?.[1]?.split("|") ?? [];
  return words.filter((word) => word !== "file");
}

function takesFile(verb: Verb): boolean {
  return verb.words !== undefined || (verb.args ?? "").includes("file");
}

function bash(verbs: readonly Verb[]): string {
  const cases = verbs.map((verb) => {
    const words = [...choices(verb), ...optionsOf(verb).map(({ name }) => `--${name}`)].join(" ");
    return `    ${verb.name}) words="${words}" ;;`;
  });
  return `# dotvault completion for bash
_dotvault() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${[...verbs.map(({ name }) => name), "help"].join(" ")}" -- "$current"))
    return
  fi
  if [[ $before == --config ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    help) words="${verbs.map(({ name }) => name).join(" ")}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${COMP_WORDS[1]} == replay ]] && COMPREPLY+=($(compgen -f -- "$current"))
}
complete -F _dotvault dotvault
`;
}

function zsh(verbs: readonly Verb[]): string {
  const named = verbs.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = verbs.map(
    (verb) =>
      `    ${verb.name}) _arguments ${[...optionsOf(verb).flatMap(zshOption), ...zshArguments(verb)].join(" ")} ;;`,
  );
  return `#compdef dotvault
_dotvault() {
  local -a verbs
  verbs=(
${named.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _dotvault ]]; then _dotvault "$@"; else compdef _dotvault dotvault; fi
`;
}

function zshOption({ name, value, help: text }: Option): string[] {
  const about = text.replaceAll(/[[\]:]/g, " ");
  if (value === undefined) return [quoted(`--${name}[${about}]`)];
  return [quoted(`--${name}=[${about}]:${value}:${value === "FILE" ? "_files" : ""}`)];
}

function zshArguments(verb: Verb): string[] {
  const words = choices(verb);
  if (words.length > 0 && takesFile(verb)) return [quoted(`1:argument:{ compadd ${words.join(" ")}; _files }`)];
  return words.length > 0 ? [quoted(`1:argument:(${words.join(" ")})`)] : [];
}

function fish(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap((verb) => {
    const within = `-n "__fish_seen_subcommand_from ${verb.name}"`;
    const files = takesFile(verb) ? " -F" : "";
    return [
      `complete -c dotvault -n __fish_use_subcommand -a ${verb.name} -d ${quoted(verb.summary)}`,
      ...choices(verb).map((word) => `complete -c dotvault ${within} -a ${word}${files}`),
      ...optionsOf(verb).map((option) => `complete -c dotvault ${within} ${fishOption(option)}`),
    ];
  });
  return `# dotvault completion for fish\ncomplete -c dotvault -f\n${lines.join("\n")}\n`;
}

function fishOption({ name, short, value, help: text }: Option): string {
  const letter = short === undefined ? "" : `-s ${short} `;
  const takes = value === undefined ? "" : `${value === "FILE" ? "-r -F" : "-x"} `;
  return `${letter}-l ${name} ${takes}-d ${quoted(text)}`;
}

/** In single quotes, as all three shells read them; fish and the others differ in how one within is written, so there is none. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "’")}'`;
}
