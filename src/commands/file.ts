import { setTimeout as pause } from "node:timers/promises";
import { editsNow } from "../agent/rule-file/edits.ts";
import type { FileRule } from "../agent/rules.ts";
import type { Paths } from "../config/paths.ts";
import { DotvaultError } from "../errors.ts";
import { openReader } from "../journal/reader.ts";
import { FILE_ANSWERS, type FileAnswer, type RuleSnapshot, ruleSnapshot } from "../machines/rule/rule.ts";
import { RULE } from "../machines/stream/names.ts";
import { dotvault } from "../shell.ts";
import { answerText } from "../terminal/file.ts";
import { styleFor } from "../terminal/style.ts";
import { pathsOf, requireConfig } from "./assembly/config.ts";
import { ringDoorbell } from "./assembly/doorbell.ts";
import { environmentOf, fileRules, marksOf } from "./assembly/file-rules.ts";
import { askFirst, type Contact, LOOK_EVERY, reachAgent, taken } from "./assembly/follow.ts";
import { storedKey } from "./assembly/keys.ts";
import { requireRule } from "./assembly/names.ts";
import { type Command, EXIT, type Io } from "./cli/io.ts";
import { printJson, withJsonErrors } from "./cli/json.ts";

/** A person's word on a file that somebody else has changed: journaled, and heeded at once. */
export const file: Command = withJsonErrors(async (parsed, io) => {
  const loaded = requireConfig(parsed, io);
  const [word = "", what = ""] = parsed.positionals;
  const answer = answerOf(word);
  const rule = requireRule(fileRules(loaded.config, io), what, io);
  const where = pathsOf(io);
  if (answer === "keep") await requireEdited(rule, where, io);
  // Whoever becomes the agent for it must hear the word before it compares the file.
  const asked = askFirst(where, "file", { rule: rule.name, answer }, io);
  const contact = await reachAgent(where, loaded, io);
  try {
    const request = asked ?? (await contact.ask("file", { rule: rule.name, answer }));
    if (asked !== undefined) await ringDoorbell(where.socket);
    await taken(contact, request);
    const after = await heeded(contact, rule.name);
    // Neither written nor found right since: the store did not answer, or does not have its secret.
    const pending = after.answer?.given === "take-back";
    const keys = after.answer?.keys ?? [];
    const report = { rule: rule.name, path: rule.path, answer, keys, state: after.value, pending };
    if (parsed.flags.json === true) printJson(io, { schemaVersion: 1, ...report });
    else io.out.write(answerText(report, after.failure, styleFor(io.out, io.env)));
    return after.failure === null && !pending ? EXIT.healthy : EXIT.error;
  } finally {
    await contact.close();
  }
});

function answerOf(word: string): FileAnswer {
  const answer = FILE_ANSWERS.find((each) => each === word);
  if (answer !== undefined) return answer;
  throw new DotvaultError("usage.file", `file: there is no "${word}"`, {
    hint: `say one of: ${FILE_ANSWERS.join(", ")}`,
  });
}

/** Somebody has changed what the rule writes: it was noticed once, or stands in the file now. Throws `usage.file`. */
async function requireEdited(rule: FileRule, where: Paths, io: Io): Promise<void> {
  const reader = openReader({ directory: where.stateDir });
  const known = ruleSnapshot(reader?.head(RULE + rule.name)?.snapshot);
  reader?.close();
  if (known.value === "stopped")
    throw new DotvaultError(
      "usage.file",
      `${rule.name} is written no more, by your own word: nothing is looked after`,
      {
        hint: dotvault("file take-back", rule.name),
      },
    );
  if (known.edited !== null) return;
  const key = storedKey(where);
  const deps = key && { marks: marksOf(key), environment: environmentOf(io) };
  if (deps && (await editsNow(rule, known, deps)).edited.length > 0) return;
  throw new DotvaultError("usage.file", `nobody else has changed what ${rule.name} writes: there is nothing to keep`, {
    hint: "to leave whatever others write there, say on_edit: keep in its target",
  });
}

function known({ reader }: Contact, rule: string): RuleSnapshot {
  return ruleSnapshot(reader.head(RULE + rule)?.snapshot);
}

/** Once all files have been compared since the word was heard. */
async function heeded(contact: Contact, rule: string): Promise<RuleSnapshot> {
  for (;;) {
    const { answer } = known(contact, rule);
    const began = contact.reader.fact("syncs");
    const isOver = answer?.given !== "take-back" || (typeof began === "number" && began >= answer.at);
    if (isOver) return known(contact, rule);
    await pause(LOOK_EVERY);
    await contact.tend?.();
  }
}
