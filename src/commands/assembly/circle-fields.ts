import { originOf } from "../../adapters/engines/jfrog/fields.ts";
import { circleMembers } from "../../adapters/engines/registry.ts";
import { issuerOf } from "../../agent/circle/issuer.ts";
import type { Config } from "../../config/config.ts";
import { circleSnapshot, templatePlatforms } from "../../machines/circle/circle.ts";
import { CIRCLE } from "../../machines/stream/names.ts";

/**
 * What the templates of an enrolment see beside its fields: `.platforms` as the agent knew it last.
 *
 * @param fields of the secret, as far as they are known
 * @param snapshotOf the recorded snapshot of a stream
 */
export function circleFields(
  { enrolments }: Config,
  { secret, fields = {} }: { readonly secret: string | undefined; readonly fields?: Readonly<Record<string, unknown>> },
  snapshotOf: (stream: string) => unknown,
): { readonly platforms?: ReturnType<typeof templatePlatforms> } {
  const configured = enrolments.find(({ key }) => key === secret);
  const members = configured && circleMembers(configured.engine, configured.settings);
  if (!members) return {};
  const { url, server_id: id } = fields;
  const issuer = issuerOf(members, originOf(url), typeof id === "string" ? id : undefined);
  return { platforms: templatePlatforms(issuer, members.slice(1), circleSnapshot(snapshotOf(CIRCLE + secret))) };
}
