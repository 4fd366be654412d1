import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the system allows for a socket's path: 104 bytes on macOS, 108 on Linux, its end included. */
const LONGEST_PATH = 100;

/** Beside the journal; in the temporary directory where that path would be too long. */
function bellPath(path: string): string {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path;
  return join(tmpdir(), `dotvault-${createHash("sha256").update(path).digest("hex").slice(0, 16)}.sock`);
}

/** Lets verbs wake the agent: whoever connects rings, nothing is said. The inbox alone carries requests. */
export async function hangDoorbell(path: string, ring: () => void): Promise<() => Promise<void>> {
  try {
    return await hang(bellPath(path), ring);
  } catch {
    // Somebody else's file lies there, say. The inbox is looked into all the same, if not at once.
    return async () => {};
  }
}

async function hang(bell: string, ring: () => void): Promise<() => Promise<void>> {
  // The lock is ours, so a socket that lies there is a killed agent's.
  rmSync(bell, { force: true });
  const server = createServer((visitor) => {
    visitor.on("error", () => {});
    visitor.destroy();
    ring();
  });
  const mask = process.umask(0o077);
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(bell, resolve));
  } finally {
    process.umask(mask);
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Rings, if there is a bell. Never fails: without it the agent looks into its inbox within a minute. */
export function ringDoorbell(path: string): Promise<void> {
  return new Promise((resolve) => {
    const bell = connect(bellPath(path));
    bell.once("connect", () => bell.destroy());
    bell.once("error", () => {});
    bell.once("close", () => resolve());
  });
}
