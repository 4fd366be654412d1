import { type Format, refuseLarge } from "./format.ts";

/** The whole file is the rendering. */
export const text: Format = {
  name: "text",
  merge: (before, rendered, { leave }) => {
    refuseLarge(rendered, "rendered");
    if (leave?.includes("") && before !== undefined) return { content: before, changed: false, managed: [] };
    return { content: rendered, changed: before !== rendered, managed: [""] };
  },
  values: (text, pointers) => new Map(pointers.map((pointer) => [pointer, { identity: text, line: 1 }])),
  remove: (text, pointers) => (pointers.length === 0 ? text : ""),
};
