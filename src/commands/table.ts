import { ASKING } from "./table/asking.ts";
import { DAILY } from "./table/daily.ts";
import { HANDING } from "./table/handing.ts";
import { TENDING } from "./table/tending.ts";
import type { Verb } from "./table/verb.ts";

export type { Option, Verb } from "./table/verb.ts";

const completion: Verb = {
  name: "completion",
  args: "<bash|zsh|fish>",
  arity: [1, 1],
  summary: "completion for your shell",
  options: [],
  examples: ["dotvault completion bash > ~/.local/share/bash-completion/completions/dotvault"],
  load: async () => (await import("./completion.ts")).completionOf(VERBS),
};

/** As help shows them. */
export const GROUPS: readonly { readonly title: string; readonly verbs: readonly Verb[] }[] = [
  { title: "keep credentials alive", verbs: DAILY },
  { title: "ask how it stands, what happened, what comes", verbs: ASKING },
  { title: "look into tokens and files", verbs: HANDING },
  { title: "set up and look after", verbs: [...TENDING, completion] },
];

export const VERBS: readonly Verb[] = GROUPS.flatMap(({ verbs }) => verbs);
