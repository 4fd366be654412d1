import { StoreFailure } from "../../store-port.ts";
import { concludeLogin } from "./conclude.ts";
import { passwordRequest } from "./credentials.ts";
import type { LoginMethod } from "./method.ts";

/** A user's name and the password that the person types. */
export function typedLogin(name: "userpass" | "ldap", mount: string, username: string): LoginMethod {
  return {
    name,
    needsPerson: true,
    fingerprint: async () => JSON.stringify([name, mount, username]),
    async login(ports) {
      const { client, now, signal, person } = ports;
      if (person === undefined) throw needsSomebody();
      const password = await person.ask(`Password of ${username} at Vault:`, { hidden: true });
      const askedAt = now();
      const request = { method: "POST", ...passwordRequest(mount, username, password), token: false, signal } as const;
      return concludeLogin(await client.call(request), mount, askedAt, ports);
    },
  };
}

export function needsSomebody(): StoreFailure {
  return new StoreFailure("store.no-token", "this login at Vault needs a person", { hint: "run: dotvault login" });
}
