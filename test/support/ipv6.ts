import { once } from "node:events";
import { createServer } from "node:net";

/** Whether this machine has a ::1; some containers have none. */
export async function hasIpv6(): Promise<boolean> {
  const server = createServer().listen(0, "::1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
