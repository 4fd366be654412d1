import { type Format, refuseLarge } from "./format.ts";

/** The whole file is the rendering. */
export const text: Format = {
  name: "text",
  merge: (before, rendered) => {
    refuseLarge(rendered, "rendered");
    return { content: rendered, changed: before !== rendered, managed: [""] };
  },
  values: (text, pointers) => new Map(pointers.map((pointer) => [pointer, { identity: text, line: 1 }])),
  remove: (text, pointers) => (pointers.length === 0 ? text : ""),
};
