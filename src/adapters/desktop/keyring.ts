import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { DotvaultError } from "../../errors.ts";
import type { Keyring } from "../../seal/keyring.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The keyring's part of @napi-rs/keyring; the package is loaded when it is first needed. */
interface Entry {
  getPassword(): string | null;
  setPassword(text: string): void;
  deletePassword(): boolean;
}

const SERVICE = "dotvault";
const UNLOCK = "unlock it: sign in to the desktop";
/** Without this the package falls back to the kernel's keyring, which is empty after a reboot. */
const OPTIONS = { linux: { store: "secret-service" } };

/** The user's keyring: Keychain, Credential Manager, or the Secret Service on Linux. */
export const osKeyring: Keyring = {
  get: (id) => attempt(UNLOCK, () => entry(id).getPassword() ?? undefined),
  set: (id, line) => attempt(`${UNLOCK}, or set journal.key: file`, () => entry(id).setPassword(line)),
  remove: (id) => void attempt(UNLOCK, () => entry(id).deletePassword()),
};

function entry(id: string): Entry {
  const require = createRequire(import.meta.url);
  const { Entry: Made } = require("@napi-rs/keyring") as {
    Entry: new (service: string, name: string, options: unknown) => Entry;
  };
  return new Made(SERVICE, `journal key ${id}`, OPTIONS);
}

function attempt<T>(hint: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "";
    throw new DotvaultError("key.keyring", `the keyring can't be used: ${why}`, {
      hint,
      cause,
    });
  }
}

/**
 * Whether a new key belongs into the keyring when nobody says where: on the desktop of the account whose home this is. A
 * home of another place (a test's, a build's) has its key beside it; a session without a desktop may have no keyring at
 * its next start.
 */
export function suitsKeyring(platform: NodeJS.Platform, env: Environment, home: string): boolean {
  if (home !== userInfo().homedir) return false;
  if (platform !== "linux") return env.SSH_CONNECTION === undefined;
  const desktop = env.WAYLAND_DISPLAY ?? env.DISPLAY;
  return Boolean(desktop && env.DBUS_SESSION_BUS_ADDRESS) && env.SSH_CONNECTION === undefined;
}
