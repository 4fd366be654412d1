import { stripVTControlCharacters } from "node:util";

/** Nothing is drawn for these: marks that combine, joiners, variation selectors. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Emoji by themselves, and those that a variation selector makes one. */
const EMOJI = /\p{Emoji_Presentation}|\u{FE0F}/u;
/** Two columns each: Hangul, kana, ideographs, full-width forms (Unicode TR 11, W and F). */
const WIDE =
  /[\u{1100}-\u{115F}\u{2E80}-\u{303E}\u{3041}-\u{33FF}\u{3400}-\u{4DBF}\u{4E00}-\u{9FFF}\u{A000}-\u{A4CF}\u{A960}-\u{A97F}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}\u{17000}-\u{18DFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]/u;
/** Latin, and the signs that our own words use: a column each. */
const PLAIN = /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2027\u2190-\u21ff\u25cb\u2713\u2717]*$/;

/** Made when it is needed first: `status` seldom does. */
let segmenter: Intl.Segmenter | undefined;

function graphemes(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Columns that a text takes on a terminal; its colours take none. */
export function widthOf(text: string): number {
  const shown = stripVTControlCharacters(text);
  if (PLAIN.test(shown)) return shown.length;
  return graphemes(shown).reduce((sum, grapheme) => sum + columnsOf(grapheme), 0);
}

function columnsOf(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0;
  return EMOJI.test(grapheme) || WIDE.test(grapheme) ? 2 : 1;
}

/** The text itself where it fits, else its beginning and an ellipsis. It must hold no colours. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let left = columns - 1;
  for (const grapheme of graphemes(text)) {
    left -= columnsOf(grapheme);
    if (left < 0) break;
    kept += grapheme;
  }
  return columns > 0 ? `${kept}…` : "";
}

/** Filled with spaces up to so many columns. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** Lines that a terminal of this width shows for one line of text. */
export function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns)));
}
