import { type Format, refuseLarge } from "./format.ts";

/** The whole file is the rendering. */
export const text: Format = {
  name: "text",
  merge: (before, rendered) => {
    refuseLarge(rendered, "rendered");
    return { content: rendered, changed: before !== rendered, managed: [""] };
  },
};
