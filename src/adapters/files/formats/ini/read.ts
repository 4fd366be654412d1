import { type Block, type BlockFacts, blockTree, type Item, remainder } from "../blocks/block.ts";
import { lineEnd, nextLine, position, skipBlanks, skipBlanksBack } from "../edits.ts";
import type { Whose } from "../format.ts";
import { refuseControls, unparsable, unsafe, unsupported } from "../refusals.ts";
import type { Reading } from "../structured.ts";
import type { IniDialect } from "./dialects.ts";

type OpenBlock = Block & { readonly items: Item[] };

/** Reads an INI file of a dialect: blocks are sections, by what stands in their brackets. */
export function readIni(dialect: IniDialect): (text: string, whose: Whose) => Reading<BlockFacts> {
  return (text, whose) => {
    refuseControls(text, whose);
    const blocks = new IniReader(text, whose, dialect).blocks();
    const [top, ...sections] = blocks;
    if (top?.items.length === 0 && sections.length === 0) return { root: undefined, rest: "" };
    const present = whose === "rendered" && top?.items.length === 0 ? sections : blocks;
    return { root: blockTree(text, present, whose, { counts: "last" }), rest: remainder(text, blocks) };
  };
}

/** One text on its way into blocks. */
class IniReader {
  readonly #text: string;
  readonly #whose: Whose;
  readonly #dialect: IniDialect;
  #block: OpenBlock = { name: "", start: 0, headEnd: 0, items: [] };
  readonly #blocks: OpenBlock[] = [this.#block];
  /** Columns before the last key, while lines may go on with its value. */
  #keyColumn: number | undefined;

  constructor(text: string, whose: Whose, dialect: IniDialect) {
    this.#text = text;
    this.#whose = whose;
    this.#dialect = dialect;
  }

  blocks(): readonly Block[] {
    const text = this.#text;
    for (let at = 0; at < text.length; ) {
      const start = skipBlanks(text, at);
      const end = skipBlanksBack(text, lineEnd(text, at), start);
      at = Math.max(nextLine(text, at), this.#line(start, end, start - at));
    }
    return this.#blocks;
  }

  /** Takes one line; gives the offset behind what it took. */
  #line(start: number, end: number, column: number): number {
    const first = this.#text[start];
    if (start >= end || first === "#" || first === ";") return 0;
    if (this.#keyColumn !== undefined && this.#dialect.continues && column > this.#keyColumn)
      return this.#goOn(start, end);
    return first === "[" ? this.#header(start, end) : this.#key(start, end, column);
  }

  #goOn(start: number, end: number): number {
    if (this.#whose === "rendered") {
      throw unsafe(this.#text, start, "a value of several lines; put it on one");
    }
    const item = this.#block.items.pop();
    if (item) this.#block.items.push({ ...item, end, text: `${item.text}\n${this.#text.slice(start, end)}` });
    return 0;
  }

  #header(start: number, end: number): number {
    const line = this.#text.slice(start, end);
    const [head, name] = /^\[((?:"(?:[^"\\]|\\.)*"|[^\]"])+)\]/.exec(line) ?? [];
    const behind = line.slice(head?.length).trimStart();
    if (head === undefined || name === undefined) throw this.#broken(start, "a section without its closing bracket");
    if (behind !== "" && !/^[#;]/.test(behind)) throw this.#broken(end - behind.length, "text behind a section's name");
    this.#block = { name, start, headEnd: start + head.length, items: [] };
    this.#blocks.push(this.#block);
    this.#keyColumn = undefined;
    return 0;
  }

  #key(start: number, end: number, column: number): number {
    const line = this.#text.slice(start, end);
    const [, key, separator, colonKey, colon] = this.#dialect.keyed.exec(line) ?? [];
    const raw = key ?? colonKey ?? line;
    const keyEnd = start + raw.length;
    this.#keyColumn = column;
    this.#refuseInRendering(raw, separator ?? colon, start);
    if (raw.endsWith("[]")) return 0;
    const valueStart = keyEnd + (separator ?? colon ?? "").length;
    const value = this.#dialect.value(this.#text, valueStart, end);
    if (value.broken !== undefined) throw this.#broken(start, value.broken);
    if (this.#whose === "rendered") this.#refuseDoubtful(valueStart, value);
    this.#block.items.push({
      key: this.#dialect.key(raw),
      start,
      keyEnd,
      valueStart,
      end: value.end,
      text: value.text,
    });
    return value.end;
  }

  #refuseInRendering(key: string, separator: string | undefined, start: number): void {
    if (key === "") throw this.#broken(start, "a value without a key");
    if (this.#whose === "target") return;
    if (separator === undefined) throw this.#broken(start, "a key without a value");
    if (key.endsWith("[]")) throw unsupported(`the template's output has a list (${position(this.#text, start)})`);
    if (this.#block.name !== "" || this.#dialect.preamble) return;
    throw this.#broken(start, "a key before the first section");
  }

  #refuseDoubtful(offset: number, { remark, doubt, text }: ReturnType<IniDialect["value"]>): void {
    if (remark) throw unsafe(this.#text, offset, "a ; or # in the value begins a remark; put the value in quotes");
    if (doubt !== undefined) throw unsafe(this.#text, offset, `${doubt}; put the value in quotes`);
    if (/[\n\r\0]/.test(text)) throw unsafe(this.#text, offset, "a line break in a value");
  }

  #broken(offset: number, what: string): Error {
    return unparsable(this.#text, this.#whose, "INI", offset, what);
  }
}
