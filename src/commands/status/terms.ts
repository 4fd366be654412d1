import type { Context } from "../../machines/enrolment/context.ts";
import type { TermsReport } from "../../terminal/status/report.ts";

/** What the configuration wants a credential to be, beside what it is; null where neither is known. Pure. */
export function termsReport({ fresh, held, current, settings }: Context): TermsReport | null {
  const pair = fresh ?? held ?? current;
  if (!settings?.terms || !pair) return null;
  const { issuedAt, expiresAt, scope = null, audience = null } = pair;
  const life = issuedAt === undefined || expiresAt === undefined ? null : expiresAt - issuedAt;
  const { life: asked, ...rights } = settings.terms;
  return {
    asked: { ...rights, lifeSeconds: seconds(asked) },
    granted: { scope, audience, lifeSeconds: seconds(life) },
    changesWith: settings.rotation === "remint" ? "rotation" : "sign-in",
  };
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
