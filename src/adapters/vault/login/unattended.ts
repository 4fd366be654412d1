import { stat } from "node:fs/promises";
import { judgeLogin } from "./answer.ts";
import { type Credentials, loginRequest } from "./credentials.ts";
import type { LoginMethod } from "./method.ts";

/** A method that is one request, made of files and variables. */
export function unattendedLogin(mount: string, credentials: Credentials): LoginMethod {
  return {
    name: credentials.method,
    needsPerson: false,
    fingerprint: async () => JSON.stringify([mount, credentials, await Promise.all(filesOf(credentials).map(markOf))]),
    async login({ client, now, signal }) {
      const request = await loginRequest(mount, credentials);
      const askedAt = now();
      const answer = await client.call({ method: "POST", ...request, token: false, signal });
      return judgeLogin(answer, mount, askedAt);
    },
  };
}

function filesOf(credentials: Credentials): readonly string[] {
  return Object.entries(credentials).flatMap(([name, value]) => (name.endsWith("File") && value ? [value] : []));
}

/** A file as far as it shows whether somebody has replaced it: never its content, which a person may have chosen. */
export async function markOf(path: string): Promise<readonly unknown[]> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return [path, mtimeMs, size, ino];
  } catch (error) {
    return [path, (error as NodeJS.ErrnoException).code];
  }
}
