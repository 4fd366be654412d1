import { reading, settingsSchema, text } from "../setting-kinds.ts";
import { readEntries, type SettingsValidator, soundOnly } from "../settings.ts";

export type SshkeySettings = {
  /** Stands behind the public key; absent = `<user>@<host>`. */
  readonly comment?: string;
  /** Encrypts the private key; absent = not encrypted. */
  readonly passphrase?: string;
};

const table = {
  comment: text("Stands behind the public key. Default: `<user>@<host>`.", 255),
  passphrase: text("Encrypts the private key. Default: it is not encrypted.", 255),
};

export const sshkeySchema = settingsSchema(table);

/** The validator of `engine: sshkey`; reports every mistake at once. */
export const sshkeySettings: SettingsValidator<SshkeySettings> = (settings, report) =>
  soundOnly(report, (note) => {
    const entries = readEntries(settings, Object.keys(table), note);
    if (entries === undefined) return undefined;
    const read = reading(table, entries, note);
    const [comment, passphrase] = [read("comment"), read("passphrase")];
    return { ...(comment === undefined ? {} : { comment }), ...(passphrase === undefined ? {} : { passphrase }) };
  });
