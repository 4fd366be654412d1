/** Why an answer did not arrive, by its class. */
const REASONS: Readonly<Record<string, string>> = {
  "agent.restarted": "the agent was stopped meanwhile",
  "net.reset": "connection reset",
  "net.headers-timeout": "no answer in time",
  "net.body-timeout": "the answer did not end in time",
  "net.truncated": "the answer broke off",
  "net.too-large": "the answer was too large",
  "net.protocol": "what came was no HTTP",
  "net.aborted": "stopped while waiting",
  "jfrog.truncated": "the answer broke off",
};

export function lostBecause(why: string): string {
  const status = /\.(?:http|html)\.(\d+)$/.exec(why)?.[1];
  return REASONS[why] ?? (status === undefined ? why : `HTTP ${status} instead of one`);
}
