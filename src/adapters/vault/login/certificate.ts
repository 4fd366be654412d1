import { X509Certificate } from "node:crypto";
import { concludeLogin } from "./conclude.ts";
import { loginPath } from "./credentials.ts";
import type { LoginMethod } from "./method.ts";
import { lineOf, markOf, notYet } from "./read.ts";

export interface CertificateFiles {
  readonly role?: string | undefined;
  readonly certFile: string;
  readonly keyFile?: string | undefined;
}

/**
 * The client certificate is the credential: the connection shows it, the login names the role at most.
 * https://openbao.org/api-docs/auth/cert/#login-with-tls-certificate-method
 */
export function certificateLogin(name: string, mount: string, files: CertificateFiles): LoginMethod {
  const { role, certFile, keyFile = certFile } = files;
  return {
    name,
    needsPerson: false,
    fingerprint: async () => JSON.stringify([name, mount, role, await markOf(certFile), await markOf(keyFile)]),
    async login(ports) {
      const { client, now, signal } = ports;
      refuseOutdated(await lineOf(certFile), certFile, now());
      const askedAt = now();
      const json = role === undefined ? {} : { name: role };
      const answer = await client.call({ method: "POST", path: loginPath(mount), json, token: false, signal });
      return concludeLogin(answer, mount, askedAt, ports);
    },
  };
}

/** Servers end the connection of an outdated one without a word. */
function refuseOutdated(pem: string, file: string, now: number): void {
  const certificate = parsed(pem);
  if (certificate === undefined) throw notYet(`${file} holds no certificate`);
  const { validFromDate: from, validToDate: to } = certificate;
  if (now >= to.getTime()) throw notYet(`the client certificate ${file} has expired (${to.toISOString()})`);
  if (now < from.getTime()) throw notYet(`the client certificate ${file} is not valid before ${from.toISOString()}`);
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
