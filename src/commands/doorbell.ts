import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";

/** Lets verbs wake the agent: whoever connects rings, nothing is said. The inbox alone carries requests. */
export async function hangDoorbell(path: string, ring: () => void): Promise<() => Promise<void>> {
  // The lock is ours, so a socket that lies there is a killed agent's.
  rmSync(path, { force: true });
  const server = createServer((visitor) => {
    visitor.on("error", () => {});
    visitor.destroy();
    ring();
  });
  const mask = process.umask(0o077);
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  } finally {
    process.umask(mask);
  }
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Rings, if there is a bell. Never fails: without it the agent looks into its inbox within a minute. */
export function ringDoorbell(path: string): Promise<void> {
  return new Promise((resolve) => {
    const bell = connect(path);
    bell.once("connect", () => bell.destroy());
    bell.once("error", () => {});
    bell.once("close", () => resolve());
  });
}
