import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { CASES } from "../support/ambiguous/cases.ts";
import { type Line, page } from "../support/ambiguous/page.ts";
import { live } from "../support/ambiguous/run.ts";

const PAGE = new URL("../../docs/ambiguous.md", import.meta.url);

describe("every row of the rotation against every way of the service", () => {
  const lines: Line[] = [];
  for (const played of CASES) {
    test(`${played.rotation}: ${played.circumstance.name}; the answer is ${played.answer}`, async () => {
      lines.push({ played, record: await live(played) });
    });
  }

  test("docs/ambiguous.md says what was recorded just now (UPDATE=1 writes it)", () => {
    assert.equal(lines.length, CASES.length, "cases are missing");
    const now = page(lines);
    if (process.env.UPDATE === "1") writeFileSync(PAGE, now);
    assert.equal(readFileSync(PAGE, "utf8"), now);
  });
});
