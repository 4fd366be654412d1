import { DotvaultError } from "../../../errors.ts";
import { effective, type Tree } from "./tree.ts";

/** The JFrog CLI's own file, in `$JFROG_CLI_HOME_DIR` or `~/.jfrog`. */
export const JF_CONFIG = "jfrog-cli.conf.v6";

/** Lists of that file are lists of servers; `serverId` names one. */
export function defaultMergeKey(basename: string | undefined): string | undefined {
  return basename === JF_CONFIG ? "serverId" : undefined;
}

/**
 * Refuses a file whose tokens jf has encrypted: jf would try to decrypt ours as well, and every command would fail.
 * Known by `"enc": true` beside `servers`, or in one of them.
 */
export function refuseEncrypted(root: Tree<unknown> | undefined, basename: string | undefined): void {
  const servers = root && child(root, "servers");
  if (!root || (servers?.kind !== "list" && basename !== JF_CONFIG)) return;
  const encrypted = [root, ...(servers?.kind === "list" ? servers.items : [])].some(isMarked);
  if (!encrypted) return;
  throw new DotvaultError("files.encrypted", "jf has encrypted this file; a token merged into it would not work", {
    hint: "unset JFROG_CLI_ENCRYPTION_KEY (or masterKey in security.yaml), remove the servers with jf config rm, and sync again",
  });
}

/** Refuses an outcome that jf would wipe (no version) or choke on (a number). */
export function refuseBadVersion(root: Tree<unknown>, basename: string | undefined): void {
  if (basename !== JF_CONFIG) return;
  const version = child(root, "version");
  if (version?.kind === "scalar" && version.isString) return;
  throw new DotvaultError("files.jf-version", `jf needs "version" as text in ${JF_CONFIG}, or it discards the file`, {
    hint: 'put "version": "6" into the template, with the quotes',
  });
}

/** Without a version jf discards the file, with what others have in it: it is never taken out. */
export function isNeeded(pointer: string, basename: string | undefined): boolean {
  return basename === JF_CONFIG && pointer === "/version";
}

function isMarked(node: Tree<unknown>): boolean {
  const mark = child(node, "enc");
  return mark?.kind === "scalar" && mark.identity === "true";
}

function child(node: Tree<unknown>, key: string): Tree<unknown> | undefined {
  return node.kind === "map" ? effective(node).get(key)?.value : undefined;
}
