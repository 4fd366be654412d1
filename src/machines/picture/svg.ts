import { asWords, type State, states } from "./graph.ts";
import { ARROWS, type Arrow, BOX, HEIGHT, PLACES, WIDTH } from "./layout.ts";

/** Read on white and on black alike. */
const LINE = "#7a8699";
const FILLS: Readonly<Record<string, string>> = { active: "#1a7f4b", revoked: "#b3372f", refreshing: "#9a6700" };
const FILL = "#3a5a94";

/** docs/machine.svg: the seven states and the main ways between them. */
export function machineDrawing(): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title">`,
    '  <title id="title">The seven states of an enrolment and the main ways between them</title>',
    "  <style>",
    "    text { font-family: ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; }",
    `    .line { fill: none; stroke: ${LINE}; stroke-width: 2; }`,
    "    .aside { stroke-dasharray: 6 5; stroke-width: 1.5; }",
    `    .label { fill: ${LINE}; font-size: 13px; font-weight: 600; }`,
    "    .name { fill: #fff; font-size: 18px; font-weight: 700; text-anchor: middle; }",
    "    .inner { fill: #fff; fill-opacity: .9; font-size: 10.5px; text-anchor: middle; }",
    "  </style>",
    `  <defs><marker id="head" viewBox="0 0 10 10" refX="8.5" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L10 5 L0 10 Z" fill="${LINE}"/></marker></defs>`,
    ...ARROWS.flatMap(arrow),
    ...states().flatMap(box),
    "</svg>",
    "",
  ].join("\n");
}

function arrow({ line, says, at, aside = false }: Arrow): string[] {
  const kind = aside ? "line aside" : "line";
  const words = says.map(label).join(", ");
  return [
    `  <path class="${kind}" d="${line}" marker-end="url(#head)"/>`,
    `  <text class="label" x="${at.x}" y="${at.y}" text-anchor="${at.anchor ?? "middle"}">${words}</text>`,
  ];
}

/** `WOKE canRotate` → `woke, can rotate`. */
function label(says: string): string {
  const [event = "", guard] = says.split(" ");
  return asWords(event) + (guard === undefined ? "" : ` (${asWords(guard)})`);
}

function box({ path, inner }: State): string[] {
  const place = PLACES[path];
  if (!place) return [];
  const [x, y] = [place.x - BOX.width / 2, place.y - BOX.height / 2];
  const fill = FILLS[path] ?? FILL;
  const lines = rowsOf(inner.map((state) => state.path.slice(path.length + 1)));
  const top = place.y + 5 - lines.length * 6.5;
  return [
    `  <rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="12" fill="${fill}"/>`,
    `  <text class="name" x="${place.x}" y="${top}">${path}</text>`,
    ...lines.map((line, index) => `  <text class="inner" x="${place.x}" y="${top + 16 + index * 13}">${line}</text>`),
  ];
}

/** What fits into a box, in characters of its small type. */
const ROW = 28;

/** The phases inside a state, row by row. */
function rowsOf(names: readonly string[]): string[] {
  const rows: string[] = [];
  for (const name of names) {
    const longer = `${rows.at(-1) ?? ""} · ${name}`;
    if (rows.length > 0 && longer.length <= ROW) rows[rows.length - 1] = longer;
    else rows.push(name);
  }
  return rows;
}
