import { basename } from "node:path";
import { loadFormat } from "../../adapters/files/formats/one.ts";
import type { Marks } from "../../agent/rule-file/deps.ts";
import type { ManagedKey } from "../../machines/rule/rule.ts";
import type { FileValue } from "../../terminal/why/report.ts";
import type { Asked, WhyRule } from "./asked.ts";
import { knownTokens } from "./known.ts";

/** Each managed value as the file has it now, held against the digest of what was written. Throws DotvaultError as the format does. */
export async function valuesOf(
  rule: WhyRule,
  keys: readonly ManagedKey[],
  text: string,
  asked: Asked,
): Promise<FileValue[]> {
  const options = {
    basename: basename(rule.path),
    ...(rule.mergeKey === undefined ? {} : { mergeKey: rule.mergeKey }),
  };
  const marks = await asked.marks();
  const pointers = keys.map(({ pointer }) => pointer);
  const found = (await loadFormat(rule.format)).values(text, pointers, options);
  return Promise.all(
    keys.map(async ({ pointer, digest }) => {
      const now = found.get(pointer);
      if (!now) return { pointer, line: null, state: "gone", token: null } as const;
      const [token = null] = await knownTokens(textOf(pointer, now.identity, text), asked);
      return { pointer, line: now.line, state: stateOf(digest, now.identity, marks), token };
    }),
  );
}

/** A value's own text; of a file that is one value all of it. */
function textOf(pointer: string, identity: string, text: string): string {
  if (pointer === "") return text;
  return identity.startsWith("s:") ? identity.slice(2) : "";
}

function stateOf(digest: string | null, identity: string, marks: Marks | undefined): FileValue["state"] {
  if (!marks || !digest?.startsWith(`${marks.keyId}:`)) return "unknown";
  return marks.of(identity) === digest ? "ours" : "changed";
}
