import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import type { Scope } from "./agent-process.ts";
import type { OpenBao } from "./openbao.ts";

/** An identity provider on loopback, as a company has one. It insists on PKCE. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Makes it OpenBao's provider: mount `oidc` with the roles `dev` (a browser on this machine) and `device`. */
  attach(bao: OpenBao, policies: string): Promise<void>;
}

const CLIENT = { id: "vault", secret: "secret-of-the-client-".repeat(3) };
const CALLBACK = "http://localhost:8250/oidc/callback";

export async function startIdentityProvider(t: Pick<Scope, "after">): Promise<IdentityProvider> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("request", new Provider(issuer, configuration()).callback());
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { issuer, attach: (bao, policies) => attach(bao, issuer, policies) };
}

function configuration(): object {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const life = () => 600;
  return {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        application_type: "native",
        redirect_uris: [CALLBACK.replace(":8250", "")],
        grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
      },
    ],
    pkce: { required: () => true },
    features: { deviceFlow: { enabled: true } },
    findAccount: (_: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
    ttl: { Interaction: life, Session: life, Grant: life },
    cookies: { keys: ["of the test"] },
  };
}

async function attach(bao: OpenBao, issuer: string, policies: string): Promise<void> {
  await bao.api("POST", "sys/auth/oidc", { type: "oidc" });
  await bao.api("POST", "auth/oidc/config", {
    ...{ oidc_discovery_url: issuer, oidc_client_id: CLIENT.id, oidc_client_secret: CLIENT.secret },
    default_role: "dev",
  });
  const role = {
    ...{ user_claim: "sub", claim_mappings: { sub: "username" }, allowed_redirect_uris: [CALLBACK] },
    ...{ token_policies: policies, token_ttl: "1h" },
  };
  await bao.api("POST", "auth/oidc/role/dev", role);
  await bao.api("POST", "auth/oidc/role/device", { ...role, callback_mode: "device" });
}

/** A person with a browser, over HTTP: follows redirects, keeps cookies, fills in every form as this user. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #user: string;

  constructor(user: string) {
    this.#user = user;
  }

  /** Signs in at the provider. Gives the address that it sends the browser to at the end, or the last page's text. */
  async signIn(start: string): Promise<string> {
    const origin = new URL(start).origin;
    let url = start;
    let answer = await this.#get(url);
    for (let steps = 0; steps < 20; steps++) {
      const next = answer.headers.get("location");
      if (next !== null) {
        url = new URL(next, url).href;
        if (new URL(url).origin !== origin) return url;
        answer = await this.#get(url);
        continue;
      }
      const text = await answer.text();
      const action = /action="([^"]+)"/.exec(text)?.[1];
      if (action === undefined) return text;
      answer = await this.#get(new URL(action, url).href, this.#filled(text));
    }
    throw new Error("the provider sends the browser round in circles");
  }

  #filled(page: string): URLSearchParams {
    const inputs = [...page.matchAll(/<input[^>]*name="([^"]+)"(?:[^>]*value="([^"]*)")?/g)];
    return new URLSearchParams(inputs.map(([, name = "", value]) => [name, value ?? this.#user]));
  }

  async #get(url: string, form?: URLSearchParams): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const sent = form === undefined ? {} : { method: "POST", body: form };
    const answer = await fetch(url, { ...sent, redirect: "manual", headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }
}
