/** What of a file's `stat` says who can change it. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
}

/**
 * Whether somebody but the user and root can change a file: what they could, in words, or undefined. Who can change the
 * configuration decides where tokens are sent and written.
 */
export function writableByOthers(stat: Ownership, uid: number): string | undefined {
  if (stat.uid !== uid && stat.uid !== 0) return `the file belongs to another user (uid ${stat.uid})`;
  if ((stat.mode & 0o002) !== 0) return "anybody on this machine can change the file";
  return (stat.mode & 0o020) !== 0 ? "everybody in the file's group can change it" : undefined;
}
