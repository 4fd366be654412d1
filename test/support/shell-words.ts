import { spawnSync } from "node:child_process";

/** The words of a command as a shell takes them; nothing of it is run. `HOME` is `home`. */
export function wordsOf(command: string, { by = "sh", home = "/home/alice" } = {}): string[] {
  const script = `dotvault() { printf '%s\\0' "$@"; }\nchmod() { dotvault "$@"; }\n${command}`;
  const { stdout, stderr, status } = spawnSync(by, ["-c", script], { env: { HOME: home }, encoding: "utf8" });
  if (status !== 0 || stderr !== "") throw new Error(`${by}: ${stderr}`);
  return stdout.split("\0").slice(0, -1);
}
