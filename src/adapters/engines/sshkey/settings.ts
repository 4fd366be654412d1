import { readEntries, type SettingsValidator, soundOnly, textEntry } from "../settings.ts";

export type SshkeySettings = {
  /** Stands behind the public key; absent = `<user>@<host>`. */
  readonly comment?: string;
  /** Encrypts the private key; absent = not encrypted. */
  readonly passphrase?: string;
};

const names = ["comment", "passphrase"] as const;
const most = 255;

/** The validator of `engine: sshkey`; reports every mistake at once. */
export const sshkeySettings: SettingsValidator<SshkeySettings> = (settings, report) =>
  soundOnly(report, (note) => {
    const entries = readEntries(settings, names, note);
    if (entries === undefined) return undefined;
    const comment = textEntry(entries, "comment", most, note);
    const passphrase = textEntry(entries, "passphrase", most, note);
    return { ...(comment === undefined ? {} : { comment }), ...(passphrase === undefined ? {} : { passphrase }) };
  });
