import { ASK_WORDS } from "./asks.ts";
import type { EnrolmentReport, FileReport, StatusReport, TroubleReport, VaultReport } from "./status/report.ts";
import { harmless } from "./style.ts";

/** One thing that a person has to see to. */
interface Need {
  readonly name: string;
  readonly why: string;
  readonly run: string;
}

/**
 * What needs a person, in one line for a shell's start: `dotvault: jfrog needs you: nobody has signed in yet · dotvault enrol
 * jfrog`. Null when all goes well without them.
 */
export function needLine({ troubles, vault, enrolments, files }: StatusReport): string | null {
  const needs = [
    ...troubles.filter(isNeedy).map(troubleNeed),
    ...(vault !== null && isNeedy(vault) ? [vaultNeed(vault)] : []),
    ...enrolments.filter(isNeedy).map(enrolmentNeed),
    ...files.filter(isNeedy).map(fileNeed),
  ];
  const [first, ...more] = needs;
  if (first === undefined) return null;
  if (more.length === 0) return `dotvault: ${needWords(first)}\n`;
  return `dotvault: ${needs.length} need you: ${needs.map(({ name }) => harmless(name)).join(", ")} · dotvault status\n`;
}

/** What the desktop and the log say of the store: `the store needs you: nobody is logged in to Vault · dotvault login`. */
export function storeNotice(trouble: Pick<TroubleReport, "message" | "hint">): string {
  return needWords(troubleNeed({ about: "store", ...trouble }));
}

function needWords({ name, why, run }: Need): string {
  return `${harmless(name)} needs you: ${why} · ${run}`;
}

function isNeedy({ level }: { readonly level: string }): boolean {
  return level === "person-needed";
}

function troubleNeed({ about, message, hint }: Pick<TroubleReport, "about" | "message" | "hint">): Need {
  return { name: `the ${about}`, why: harmless(message), run: hint === null ? "dotvault status" : harmless(hint) };
}

/** Where no login is configured. */
const BRING_TOKEN = "put a token into ~/.dotvault-token (mode 0600) or DOTVAULT_TOKEN";

function vaultNeed({ refusal, source, run }: VaultReport): Need {
  const why = refusal?.message ?? (source === null ? "nobody is logged in" : "its token ends soon");
  return { name: "Vault", why: harmless(why), run: run ?? BRING_TOKEN };
}

function enrolmentNeed({ name, ask, run }: EnrolmentReport): Need {
  const code = ask?.code ?? "not-enrolled";
  return { name, why: ASK_WORDS[code] ?? code, run: run ?? "dotvault status" };
}

function fileNeed({ name, failure }: FileReport): Need {
  return { name: `${name} (file)`, why: harmless(failure?.message ?? "not written"), run: "dotvault status" };
}
