import type { OpenBao } from "./openbao.ts";

type Answer = { readonly data: Record<string, string> };

/** From now on this user's logins at `mount` ask for a code. @returns the `otpauth://` address that makes the codes */
export async function enforceTotp(bao: OpenBao, mount: string, user: string): Promise<string> {
  const made = (await bao.api("POST", "identity/mfa/method/totp", {
    ...{ issuer: "dotvault", period: 30, digits: 6, algorithm: "SHA1", skew: 1, max_validation_attempts: 10 },
  })) as Answer;
  const auths = (await bao.api("GET", "sys/auth")) as { data: Record<string, { accessor: string }> };
  const entity = (await bao.api("POST", "identity/entity", { name: user })) as Answer;
  const alias = { name: user, canonical_id: entity.data.id, mount_accessor: auths.data[`${mount}/`]?.accessor };
  await bao.api("POST", "identity/entity-alias", alias);
  const ids = { method_id: made.data.method_id, entity_id: entity.data.id };
  const generated = (await bao.api("POST", "identity/mfa/method/totp/admin-generate", ids)) as Answer;
  const enforced = { mfa_method_ids: [made.data.method_id], identity_entity_ids: [entity.data.id] };
  await bao.api("POST", `identity/mfa/login-enforcement/${user}`, enforced);
  return generated.data.url ?? "";
}
