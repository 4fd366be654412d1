import { concludeLogin } from "./conclude.ts";
import { type Credentials, loginRequest } from "./credentials.ts";
import type { LoginMethod } from "./method.ts";
import { markOfProgram } from "./program.ts";
import { markOf } from "./read.ts";

/** A method that is one request, made of files, variables and programs. */
export function unattendedLogin(mount: string, credentials: Credentials): LoginMethod {
  return {
    name: credentials.method,
    needsPerson: false,
    fingerprint: async () => JSON.stringify([mount, shownOf(credentials), await marksOf(credentials)]),
    async login(ports) {
      const { client, now, signal } = ports;
      const request = await loginRequest(mount, credentials);
      const askedAt = now();
      const answer = await client.call({ method: "POST", ...request, token: false, signal });
      return concludeLogin(answer, mount, askedAt, ports);
    },
  };
}

function shownOf(credentials: Credentials): unknown {
  if (!("jwtCommand" in credentials) || credentials.jwtCommand === undefined) return credentials;
  return { ...credentials, jwtCommand: markOfProgram(credentials.jwtCommand) };
}

function marksOf(credentials: Credentials): Promise<unknown[]> {
  const files = Object.entries(credentials).flatMap(([name, value]) =>
    name.endsWith("File") && typeof value === "string" ? [value] : [],
  );
  return Promise.all(files.map(markOf));
}
