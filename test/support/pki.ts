import type { OpenBao } from "./openbao.ts";

/** A certificate and its key, PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority: OpenBao's own PKI engine, mounted under a name of its own. */
export interface Authority {
  readonly certificate: string;
  issue(request: { name: string; ips?: string; names?: string; ttl?: string }): Promise<Issued>;
}

export async function makeAuthority(bao: OpenBao, mount = "pki"): Promise<Authority> {
  await bao.api("POST", `sys/mounts/${mount}`, { type: "pki" });
  const root = await bao.api("POST", `${mount}/root/generate/internal`, {
    common_name: `${mount} test CA`,
    key_type: "ec",
    ttl: "24h",
  });
  await bao.api("POST", `${mount}/roles/any`, { allow_any_name: true, enforce_hostnames: false, key_type: "ec" });
  const { certificate } = (root as { data: { certificate: string } }).data;
  return {
    certificate,
    async issue({ name, ips = "", names = "", ttl = "1h" }) {
      const request = { common_name: name, ip_sans: ips, alt_names: names, ttl, exclude_cn_from_sans: true };
      const issued = (await bao.api("POST", `${mount}/issue/any`, request)) as {
        data: { certificate: string; private_key: string };
      };
      return { certificate: issued.data.certificate, key: issued.data.private_key };
    },
  };
}
