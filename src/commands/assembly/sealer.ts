import type { Sealer } from "../../agent/ports.ts";
import { digest } from "../../seal/digest.ts";
import type { Key } from "../../seal/key.ts";
import { open, seal } from "../../seal/seal.ts";

export function sealerOf(key: Key): Sealer {
  return {
    seal: ({ id, kind, stream, at }, bytes) => seal(key, { id, kind, subject: stream, at }, bytes),
    open: ({ id, kind, stream }, jwe) => open(key, jwe, { id, kind, subject: stream }),
    digest,
  };
}
