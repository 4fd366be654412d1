const PART = /^(?:\*|jf[a-z]+)@(?:\*|[\w.-]+)$/;

/** The parts of an audience (`jfrt@* jfac@01h…`, `*@*`); `undefined` when it is none. */
export function parseAudience(text: string): readonly string[] | undefined {
  const parts = text.trim().split(/\s+/);
  return parts.every((part) => PART.test(part)) ? parts : undefined;
}

/** Whether a token for that audience is for this service (`jfac`, `jfrt`) of this instance. */
export function isFor(audience: readonly string[], service: string, id: string): boolean {
  return audience.some((part) => {
    const [type, instance] = part.split("@");
    return (type === "*" || type === service) && (instance === "*" || instance === id);
  });
}
