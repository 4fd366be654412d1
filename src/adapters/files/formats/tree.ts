/**
 * A document as values with their places in the source. Every structured format reads into this shape, so that one plan
 * and one guard serve them all. `F` is what a format needs to know of a node besides (style, columns).
 */
export type Tree<F> = MapNode<F> | ListNode<F> | ScalarNode<F> | AliasNode<F>;

interface Placed<F> {
  /** Source range of the value, without comments and blank lines around it. */
  readonly start: number;
  readonly end: number;
  readonly facts: F;
}

export interface MapNode<F> extends Placed<F> {
  readonly kind: "map";
  /** In source order; a key may stand there twice, and then the last one counts. */
  readonly entries: readonly Entry<F>[];
  /** Type marker beyond the kind (a YAML tag), compared but never changed. */
  readonly tag?: string;
  /** Keys that come from elsewhere (YAML's `<<`) and are not among the entries. */
  readonly inherits?: ReadonlySet<string>;
  /** New keys may go between old ones; the order of the entries says nothing of the text. */
  readonly unordered?: true;
}

export interface Entry<F> {
  readonly key: string;
  /** The key as it is spelled in the source. */
  readonly rawKey: string;
  /** Source range from the key to the value's end. */
  readonly start: number;
  readonly keyEnd: number;
  readonly end: number;
  readonly value: Tree<F>;
}

export interface ListNode<F> extends Placed<F> {
  readonly kind: "list";
  readonly items: readonly Tree<F>[];
  readonly tag?: string;
}

export interface ScalarNode<F> extends Placed<F> {
  readonly kind: "scalar";
  /** Equal for equal values, however they are spelled: `s:text`, `n:1.5`, `true`, `null`. */
  readonly identity: string;
  /** The value as text, for matching list elements and for printing strings. */
  readonly text: string;
  readonly isString: boolean;
  /** As it is spelled in the source. */
  readonly raw: string;
}

export interface AliasNode<F> extends Placed<F> {
  readonly kind: "alias";
  readonly name: string;
  readonly target: Tree<F>;
}

export const NULL = "null";

export function isNull(node: Tree<unknown>): boolean {
  return node.kind === "scalar" && node.identity === NULL;
}

/** What lies directly below a node. */
export function childrenOf<F>(node: Tree<F>): readonly Tree<F>[] {
  if (node.kind === "list") return node.items;
  return node.kind === "map" ? node.entries.map((entry) => entry.value) : [];
}

/** The entries that count: the last of each key, by key. */
export function effective<F>(map: MapNode<F>): Map<string, Entry<F>> {
  return new Map(map.entries.map((entry) => [entry.key, entry]));
}

/** Whether two nodes mean the same to a program that reads them: the order of keys and the spelling don't count. */
export function sameValue(a: Tree<unknown>, b: Tree<unknown>): boolean {
  if (a.kind === "alias") return sameValue(a.target, b);
  if (b.kind === "alias") return sameValue(a, b.target);
  if (a.kind === "scalar") return b.kind === "scalar" && a.identity === b.identity;
  if (a.kind === "list") return b.kind === "list" && a.tag === b.tag && every(a.items, b.items, sameValue);
  return b.kind === "map" && sameMap(a, b);
}

function sameMap(a: MapNode<unknown>, b: MapNode<unknown>): boolean {
  const others = effective(b);
  const mine = effective(a);
  if (a.tag !== b.tag || mine.size !== others.size) return false;
  return [...mine].every(([key, entry]) => {
    const other = others.get(key);
    return other !== undefined && sameValue(entry.value, other.value);
  });
}

/** Element by element, and of one length. */
export function every<A, B>(a: readonly A[], b: readonly B[], same: (x: A, y: B) => boolean): boolean {
  return a.length === b.length && a.every((item, i) => same(item, b[i] as B));
}

/** A copy without the map entries that are null; lists are values, nobody looks into them. */
export function withoutNulls<F>(node: Tree<F>): Tree<F> {
  if (node.kind !== "map") return node;
  const entries = node.entries.filter((entry) => !isNull(entry.value));
  return { ...node, entries: entries.map((entry) => ({ ...entry, value: withoutNulls(entry.value) })) };
}

/** Numbers of at most 15 digits differ exactly when their doubles do (IEEE 754 binary64). */
const EXACT_DIGITS = 15;

/**
 * Equal for equal decimal numbers, exact at any length: `1.50` and `15e-1` give the same. Undefined when the text is not
 * a decimal number.
 */
export function decimalIdentity(text: string): string | undefined {
  if (text.length <= EXACT_DIGITS && /^[+-]?\d+(?:\.\d*)?$/.test(text)) return `n:${Number(text) + 0}`;
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts ?? [];
  if (!parts || whole + fraction === "") return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "n:0";
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  const exact = `${sign === "-" ? "-" : ""}${significant}e${power}`;
  return `n:${significant.length <= EXACT_DIGITS && power > -300 && power < 290 ? Number(exact) : exact}`;
}
