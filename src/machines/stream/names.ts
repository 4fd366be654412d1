/** What streams are called: what their names begin with says of which kind they are, the rest what they are about. */

export const ENROLMENT = "enrolment/";
export const RULE = "rule/";
export const CIRCLE = "circle/";
export const REVOCATIONS = "revocations/";
/** One session per server. */
export const VAULT = "vault/";

/** The stream of an enrolment. */
export function streamOf(enrolment: string): string {
  return ENROLMENT + enrolment;
}

/** What a stream is about: an enrolment, a rule, a server. The agent's and the journal's own are about themselves. */
export function nameOf(stream: string): string {
  return stream.slice(stream.indexOf("/") + 1);
}
