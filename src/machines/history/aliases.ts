/** Words of ours, which name no customer, project or person: an enrolment that is called so keeps its name. */
const OWN_NAMES: ReadonlySet<string> = new Set(["jfrog", "ssh", "sshkey", "github", "npm"]);

/** Names in place of what identifies: `secret-1`, `token-2`. One per kind and value, in order of appearance. */
export class Aliases {
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  readonly #times = new Set<string>();

  /** A time that stands in the document as it is. */
  tells(at: number): void {
    this.#times.add(at.toString(36));
  }

  /** @param time in base 36 */
  knowsTime(time: string): boolean {
    return this.#times.has(time);
  }

  of(kind: string, value: string): string {
    if (kind === "name" && OWN_NAMES.has(value)) return value;
    const key = `${kind} ${value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `${kind}-${count}`;
    this.#known.set(key, name);
    return name;
  }
}
