import type { Figure } from "./journal.ts";

/** One part's figures as lines of the table. */
export function lines(figures: readonly Figure[]): string[] {
  return figures.map(({ name, value, unit, aim }) => {
    const columns = [
      name.padEnd(86),
      spelled(value).padStart(9),
      unit.padEnd(4),
      (aim ?? "").padEnd(8),
      verdict(aim, value),
    ];
    return columns.join(" ").trimEnd();
  });
}

/** Whether a figure holds its aim, `≥ 0.7` or `≤ 1.4`; a figure without one is only shown. */
export function holds({ aim, value }: Figure): boolean {
  if (aim === undefined) return true;
  const bound = Number(aim.slice(1).replaceAll(",", ""));
  if (Number.isNaN(bound)) throw new Error(`"${aim}" is no aim`);
  return aim.startsWith("≥") ? value >= bound : value <= bound;
}

function verdict(aim: string | undefined, value: number): string {
  if (aim === undefined) return "";
  return holds({ name: "", value, unit: "", aim }) ? "ok" : "over";
}

function spelled(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3).replace(/e.*$/, "");
}
