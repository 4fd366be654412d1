import { createHmac } from "node:crypto";
import type { Marks } from "../../agent/rule-file/deps.ts";
import type { FileRule } from "../../agent/rule-file/rule.ts";
import type { Config } from "../../config/config.ts";
import { expandHome } from "../../config/paths.ts";
import { deriveKey, type Key } from "../../seal/key.ts";
import type { Io } from "../cli/io.ts";

/** The rules of the configuration, their paths absolute. */
export function fileRules(config: Config, io: Io): FileRule[] {
  return config.rules.map(({ name, vaultKey, target, post }) => ({
    name,
    path: expandHome(target.path, io.home),
    format: target.format,
    deleteNulls: target.deleteNulls,
    strict: target.strict,
    onRemove: target.onRemove,
    onMissing: target.onMissing,
    onEdit: target.onEdit,
    backups: target.backups,
    ...(target.mode === undefined ? {} : { mode: target.mode }),
    ...(post === undefined ? {} : { post }),
    ...(vaultKey === undefined ? {} : { secret: vaultKey }),
    ...(target.template === undefined ? {} : { template: target.template }),
    ...(target.mergeKey === undefined ? {} : { mergeKey: target.mergeKey }),
  }));
}

export function environmentOf(io: Io) {
  return { env: (name: string) => io.env[name], username: io.user };
}

/** Digests of values in files; they name the key, so that those made with another one are told apart. */
export function marksOf(key: Key): Marks {
  const own = deriveKey(key, "files");
  return {
    keyId: key.id,
    of: (identity) => `${key.id}:${createHmac("sha256", own).update(identity).digest("hex").slice(0, 32)}`,
  };
}
