/** What ssh_config(5) says of keywords, in lower case. */

/** The rest of the line is a command, as it stands. */
const COMMANDS = new Set(["proxycommand", "localcommand", "remotecommand", "knownhostscommand"]);

/** More than one argument may follow. */
const LISTS = new Set([
  "addkeystoagent",
  "canonicaldomains",
  "canonicalizepermittedcnames",
  "channeltimeout",
  "globalknownhostsfile",
  "host",
  "include",
  "ipqos",
  "localforward",
  "logverbose",
  "match",
  "permitremoteopen",
  "rekeylimit",
  "remoteforward",
  "sendenv",
  "setenv",
  "userknownhostsfile",
]);

/** May stand in a block several times and add up; the first argument tells them apart. */
const REPEATABLE = new Set([
  "certificatefile",
  "dynamicforward",
  "identityfile",
  "include",
  "localforward",
  "remoteforward",
  "sendenv",
  "setenv",
]);

export function isCommand(keyword: string): boolean {
  return COMMANDS.has(keyword);
}

export function takesList(keyword: string): boolean {
  return LISTS.has(keyword);
}

/** The name of a line within its block: the keyword, and for those that repeat what the line is about. */
export function keyOf(keyword: string, first: string): string {
  if (!REPEATABLE.has(keyword)) return keyword;
  return `${keyword} ${keyword === "setenv" ? first.replace(/=.*$/s, "") : first}`;
}
