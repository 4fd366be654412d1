import type { Fields } from "../../adapters/engines/port.ts";
import type { Config } from "../../config/config.ts";
import type { Paths } from "../../config/paths.ts";
import { DotvaultError } from "../../errors.ts";
import { openReader } from "../../journal/reader.ts";
import type { Snapshot } from "../../machines/enrolment/decide.ts";
import { streamOf } from "../../machines/stream/names.ts";
import type { Key } from "../../seal/key.ts";
import { dotvault } from "../../shell.ts";
import { readingKey } from "../assembly/keys.ts";
import { requireEnrolment } from "../assembly/names.ts";
import { openStoreToRead } from "../assembly/open-store.ts";
import { sealerOf } from "../assembly/sealer.ts";
import type { Io } from "../cli/io.ts";

/**
 * The credential of an enrolment, as the agent has it: what is sealed and on its way to the store, else what the store
 * holds. Reads only. Throws `token.no-secret`, `key.missing`, and what the store throws.
 */
export async function credentialOf(name: string, config: Config, where: Paths, io: Io): Promise<Fields> {
  requireEnrolment(config, name);
  const key = readingKey(where);
  const sealed = sealedCredential(name, where, key);
  if (sealed) return sealed;
  const { store, close } = await openStoreToRead(where, config, { io, key });
  try {
    const found = await store.read(name);
    if (found.state === "present") return textFields(found.fields);
  } finally {
    await close();
  }
  throw new DotvaultError("token.no-secret", `${name} has no credential yet`, { hint: dotvault("enrol", name) });
}

/** The pair that the store has not confirmed yet. */
function sealedCredential(name: string, { stateDir }: Paths, key: Key): Fields | undefined {
  const reader = openReader({ directory: stateDir });
  try {
    const stream = streamOf(name);
    const snapshot = reader?.head(stream)?.snapshot as unknown as Snapshot | undefined;
    const ref = snapshot?.context.fresh?.ref;
    const jwe = ref ? reader?.sealed(ref.id) : undefined;
    if (!ref || jwe === undefined) return undefined;
    return JSON.parse(sealerOf(key).open({ id: ref.id, kind: ref.kind, stream }, jwe).toString("utf8")) as Fields;
  } finally {
    reader?.close();
  }
}

function textFields(fields: Readonly<Record<string, unknown>>): Fields {
  const texts = Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === "string");
  return Object.fromEntries(texts);
}
