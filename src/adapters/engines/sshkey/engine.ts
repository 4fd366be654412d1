import { createHash } from "node:crypto";
import type { Engine, PairFacts } from "../port.ts";
import { readTime, writeTime } from "../time.ts";
import { makeSshKey, type Random } from "./openssh.ts";
import type { SshkeySettings } from "./settings.ts";

export interface SshkeyDeps {
  readonly settings: SshkeySettings;
  /** `<user>@<host>`, where the settings have no comment. */
  readonly comment: string;
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An SSH key pair of the user's own: nobody to ask, nothing that expires, nothing to rotate. */
export function createSshkeyEngine(deps: SshkeyDeps): Engine {
  const { settings } = deps;
  return {
    name: "sshkey",
    label: "SSH key",
    traits: { person: false, refresh: false, probe: false, revoke: false, sweep: false },
    ownedFields: ["private_key", "public_key", "comment", "fingerprint", "issued_at"],
    describe,
    async exchange() {
      const comment = settings.comment ?? deps.comment;
      const key = await makeSshKey(deps.random, comment, settings.passphrase);
      const fields = {
        private_key: key.privateKey,
        public_key: key.publicKey,
        comment,
        fingerprint: key.fingerprint,
        issued_at: writeTime(deps.now()),
      };
      return { kind: "issued", fields, facts: describe(fields), notices: [] };
    },
  };
}

/** The public key alone tells two pairs apart; nothing that a passphrase went into is digested. */
function describe(fields: Readonly<Record<string, unknown>>): PairFacts {
  const publicKey = textOf(fields, "public_key");
  const fingerprint = textOf(fields, "fingerprint");
  const issuedAt = readTime(textOf(fields, "issued_at"));
  return {
    complete: publicKey !== "" && textOf(fields, "private_key") !== "",
    digest: createHash("sha256")
      .update(JSON.stringify([publicKey]))
      .digest("hex"),
    refreshable: false,
    ...(fingerprint === "" ? {} : { tokenId: fingerprint }),
    ...(issuedAt === undefined ? {} : { issuedAt }),
  };
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === "string" ? value : "";
}
