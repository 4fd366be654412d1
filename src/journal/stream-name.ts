/** What a stream is about: an enrolment, a rule, a server. The agent's and the journal's own are about themselves. */
export function nameOf(stream: string): string {
  return stream.slice(stream.indexOf("/") + 1);
}
