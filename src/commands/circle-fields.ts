import { circleMembers } from "../adapters/engines/registry.ts";
import type { Config } from "../config/config.ts";
import { CIRCLE, circleSnapshot, templatePlatforms } from "../machines/circle/circle.ts";

/**
 * What the templates of an enrolment see beside its fields: `.platforms` as the agent knew it last.
 *
 * @param snapshotOf the recorded snapshot of a stream
 */
export function circleFields(
  { enrolments }: Config,
  secret: string | undefined,
  snapshotOf: (stream: string) => unknown,
): { readonly platforms?: ReturnType<typeof templatePlatforms> } {
  const configured = enrolments.find(({ key }) => key === secret);
  const members = configured ? circleMembers(configured.engine, configured.settings) : [];
  if (members.length === 0) return {};
  return { platforms: templatePlatforms(members, circleSnapshot(snapshotOf(CIRCLE + secret))) };
}
