import { quote } from "./quote.ts";

const NAMES_SHOWN = 20;
const PLAIN = /^[\p{L}\p{N}_.@/-]+$/u;

/** Nothing: an absent field, a JSON null, or `nil`. It remembers where it came from, so that printing it can say so. */
export class Missing {
  readonly why: "absent" | "null" | "nil";
  /** As the template names it: `.port`, `index "port"`. */
  readonly label: string;
  /** The names that are there instead. */
  readonly names: readonly string[];
  /**
   * Go finds nil *in* a map or list as an interface that holds nothing: going on to a field of that is an error, while
   * a field of an absent field is just absent. A pipeline takes the wrapping off.
   */
  readonly boxed: boolean;

  constructor(why: Missing["why"], label: string, names: readonly string[] = [], boxed = why === "null") {
    this.why = why;
    this.label = label;
    this.names = names;
    this.boxed = boxed;
  }

  unboxed(): Missing {
    return this.boxed ? new Missing(this.why, this.label, this.names, false) : this;
  }

  /** `.pasword is absent; the fields are password, url` */
  describe(): string {
    if (this.why === "nil") return `${this.label} has no value`;
    if (this.why === "null") return `${this.label} is null`;
    return `${this.label} is absent; ${listNames(this.names)}`;
  }
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return "there are no fields";
  const sorted = [...names].sort();
  const shown = sorted.slice(0, NAMES_SHOWN).map((name) => (PLAIN.test(name) ? name : quote(name)));
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  return `the fields are ${shown.join(", ")}${more}`;
}
