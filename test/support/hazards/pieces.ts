import fc from "fast-check";

/** A value in a document that a rule may own: where it lies, what it means, and how it is spelled. */
export interface Slot {
  readonly path: readonly string[];
  readonly spelled: string;
}

/** A document in pieces: what is between the slots belongs to the user. */
export type Pieces = readonly (string | Slot)[];

export interface Hazard {
  readonly pieces: Pieces;
  /** Changing one of its slots is refused: other keys share it, or nobody can say which is meant. */
  readonly refused?: true;
  /** Another value counts once one of its slots is gone. */
  readonly shadows?: true;
}

/** Makes a part of a document; `n` keeps its keys apart from all others', `roll` decides its style. */
export type Make = (n: number, roll: number) => Hazard;

export const slot = (spelled: string, ...path: string[]): Slot => ({ path, spelled });

/** Text with its slots: `lines\`key: ${slot("x", "key")}\``. */
export function pieces(texts: TemplateStringsArray, ...slots: (Slot | string | number)[]): Hazard {
  const all = texts.flatMap((text, i): (string | Slot)[] => {
    const own = slots[i];
    return own === undefined ? [text] : [text, typeof own === "object" ? own : String(own)];
  });
  return { pieces: all };
}

export const shadowing = (hazard: Hazard): Hazard => ({ ...hazard, shadows: true });

export const refused = (hazard: Hazard): Hazard => ({ ...hazard, refused: true });

export interface HazardDocument {
  readonly pieces: Pieces;
  readonly slots: readonly Slot[];
  /** Slots that no rule can have changed. */
  readonly refused: ReadonlySet<Slot>;
  readonly shadows: ReadonlySet<Slot>;
}

export const textOf = (all: Pieces) => all.map((piece) => (typeof piece === "string" ? piece : piece.spelled)).join("");

export interface Grammar {
  readonly parts: readonly Make[];
  /** Puts the parts together; `roll` decides what stands before and behind them. */
  readonly join: (parts: readonly Pieces[], roll: number) => Pieces;
}

/** Documents of a grammar, in every dress: byte order mark, line endings, no line break at the end. */
export function documents({ parts, join }: Grammar): fc.Arbitrary<HazardDocument> {
  const part = fc.record({ make: fc.constantFrom(...parts), roll: fc.nat(59) });
  const dress = fc.record({ bom: fc.boolean(), crlf: fc.boolean(), closed: fc.boolean(), roll: fc.nat(59) });
  return fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 6 }), dress)
    .map(([chosen, { bom, crlf, closed, roll }]) => {
      const made = chosen.map((one, n) => one.make(n, one.roll));
      const body = join(
        made.map((hazard) => hazard.pieces),
        roll,
      );
      const dressed = body.map((piece) => (crlf ? withCrlf(piece) : piece));
      const all: Pieces = [bom ? "\uFEFF" : "", ...(closed ? dressed : withoutLastBreak(dressed))];
      const slots = all.filter((piece) => typeof piece !== "string");
      const those = (mark: "refused" | "shadows") => {
        const paths = new Set(made.filter((one) => one[mark]).flatMap((one) => one.pieces.flatMap(pathOf)));
        return new Set(slots.filter((one) => paths.has(one.path.join("\0"))));
      };
      return { pieces: all, slots, refused: those("refused"), shadows: those("shadows") };
    });
}

function pathOf(piece: string | Slot): string[] {
  return typeof piece === "string" ? [] : [piece.path.join("\0")];
}

function withCrlf(piece: string | Slot): string | Slot {
  const crlf = (text: string) => text.replaceAll(/\r?\n/g, "\r\n");
  return typeof piece === "string" ? crlf(piece) : { ...piece, spelled: crlf(piece.spelled) };
}

function withoutLastBreak(all: Pieces): Pieces {
  const last = all.findLastIndex((piece) => piece !== "");
  const piece = all[last];
  return typeof piece === "string" ? all.with(last, piece.replace(/\r?\n$/, "")) : all;
}

/**
 * Whether the user's pieces stand in the text, all of them and in order, with `changed` slots spelled in any way.
 * `loose`: a value may lie around a remark, and end the text.
 */
export function keepsForeign(
  text: string,
  { pieces: all }: HazardDocument,
  changed: ReadonlySet<Slot>,
  loose: boolean,
): boolean {
  const foreign: string[] = [""];
  for (const piece of all) {
    if (typeof piece !== "string" && changed.has(piece)) foreign.push("");
    else foreign[foreign.length - 1] += typeof piece === "string" ? piece : piece.spelled;
  }
  const [first = "", ...rest] = loose ? foreign.flatMap((text) => text.split(/\r?\n/)) : foreign;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (loose) rest.push(last);
  else if (!text.endsWith(last)) return false;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const between of rest) {
    const found = text.indexOf(between, at);
    if (found < 0) return false;
    at = found + between.length;
  }
  return loose || at <= text.length - last.length;
}
