import type { Place } from "../errors.ts";

/** A template's text under its name. */
export class Source {
  readonly name: string;
  readonly text: string;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  place(offset: number): Place {
    const before = this.text.slice(0, offset);
    const start = before.lastIndexOf("\n") + 1;
    return { line: this.line(offset), column: Buffer.byteLength(before.slice(start)), offset };
  }

  line(offset: number): number {
    let line = 1;
    for (let at = this.text.indexOf("\n"); at >= 0 && at < offset; at = this.text.indexOf("\n", at + 1)) line++;
    return line;
  }

  /** `name:line:column`, as Go writes it. */
  location(offset: number): string {
    const { line, column } = this.place(offset);
    return `${this.name}:${line}:${column}`;
  }
}
