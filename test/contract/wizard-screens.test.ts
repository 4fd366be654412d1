import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LiveRegion } from "../../src/terminal/live/region.ts";
import { type Style, styleFor } from "../../src/terminal/style.ts";
import { rowsOf, widthOf } from "../../src/terminal/width.ts";
import { PlainLines } from "../../src/terminal/wizard/lines.ts";
import type { Sight } from "../../src/terminal/wizard/login.ts";
import { newWizard, type Wizard, type WizardEvent, wizardStep } from "../../src/terminal/wizard/model.ts";
import { screenLines } from "../../src/terminal/wizard/screen.ts";
import { property } from "../support/property.ts";
import { screenOf } from "../support/screen.ts";
import { compareTranscript } from "../support/transcript.ts";

const NOW = Date.UTC(2026, 10, 21, 14, 14);
const plain = styleFor({ isTerminal: true }, { NO_COLOR: "1" });

const link = (code: string) => ({
  code,
  url: `https://acme.jfrog.io/ui/login?jfClientSession=5b6f2f0e-8a41-4c1f-9f0b-3a1c2d4e${code}&jfClientName=JFrog-CLI&jfClientCode=1`,
});
const nothing: Sight = { stage: "looking", link: null, until: null, trouble: null, user: null, reason: null };
const waiting = (code: string): Sight => ({ ...nothing, stage: "waiting", link: link(code), until: NOW + 252_000 });
const trouble = { class: "jfrog.http.503", message: "acme.jfrog.io answered 503" };
const reason = {
  message: "acme.jfrog.io answers 404: the web login needs Artifactory 7.64.0 or newer",
  hint: "ask your administrator to update Artifactory",
};

/** The wizard after these events. */
function after(events: readonly WizardEvent[], wizard: Wizard = newWizard("chosen")): Wizard {
  return events.reduce((before, event) => wizardStep(before, event).wizard, wizard);
}

const named = (...names: string[]): WizardEvent[] =>
  names.map((name) => ({ type: "missing", name, label: name.startsWith("ssh") ? "SSH key" : "JFrog" }));
const seen = (name: string, sight: Sight): WizardEvent => ({ type: "seen", name, sight });

const several = after([
  ...named("jfrog", "corp/art", "eu/art", "build", "old", "ssh"),
  seen("jfrog", waiting("a1b2")),
  { type: "copied", name: "jfrog" },
  { type: "opened", name: "jfrog" },
  seen("corp/art", { ...waiting("c3d4"), trouble }),
  seen("eu/art", { ...nothing, stage: "minting" }),
  seen("build", { ...nothing, stage: "registering", trouble }),
  seen("old", { ...nothing, stage: "ended", reason }),
  seen("ssh", { ...nothing, stage: "done" }),
]);

const over = after([
  ...named("jfrog", "corp/art"),
  seen("jfrog", { ...nothing, stage: "done", user: "ada" }),
  { type: "seen", name: "corp/art", sight: { ...nothing, stage: "ended", reason } },
]);

const wide = after([
  ...named("開発/人工物", "café", "🚀-deploy", "a-name-that-is-longer-than-any-column-for-names"),
  seen("開発/人工物", waiting("a1b2")),
  seen("café", { ...nothing, stage: "done", user: "añá" }),
]);

const remote = {
  ...after([...named("jfrog"), seen("jfrog", waiting("a1b2"))]),
  place: "this is a container: open the links on its host",
};

function shown(wizard: Wizard, columns: number, rows = 24, style: Style = plain): string {
  const lines = screenLines(wizard, { columns, rows, style }, NOW).map((line) => `${line}\r\n`);
  const frame = "─".repeat(columns);
  return `${columns} × ${rows}\n${frame}\n${screenOf(lines.join(""), columns, rows)}${frame}\n`;
}

test("transcript: the wizard's screen, from a wide terminal to a narrow, low one", () => {
  const sizes = [
    [100, 24],
    [60, 24],
    [36, 24],
    [80, 10],
    [24, 8],
  ] as const;
  compareTranscript("wizard-several", sizes.map(([columns, rows]) => shown(several, columns, rows)).join("\n"));
});

test("transcript: the end, wide characters, a place without a browser", () => {
  compareTranscript("wizard-others", [shown(over, 80), shown(wide, 80), shown(wide, 40), shown(remote, 80)].join("\n"));
});

test("transcript: the same in a pipe, as it happens", () => {
  const lines = new PlainLines();
  let wizard = newWizard("each");
  let printed = "";
  const story: WizardEvent[] = [
    ...named("jfrog", "corp/art"),
    seen("jfrog", waiting("a1b2")),
    { type: "opened", name: "jfrog" },
    seen("corp/art", { ...nothing, stage: "registering", trouble }),
    seen("corp/art", { ...nothing, stage: "registering", trouble }),
    seen("corp/art", waiting("c3d4")),
    seen("jfrog", { ...nothing, stage: "minting" }),
    seen("jfrog", { ...nothing, stage: "storing" }),
    seen("jfrog", { ...nothing, stage: "done", user: "ada" }),
    seen("corp/art", { ...nothing, stage: "ended", reason }),
  ];
  for (const event of story) {
    wizard = wizardStep(wizard, event).wizard;
    printed += lines.next(wizard, NOW);
  }
  compareTranscript("wizard-lines", printed);
});

test("colours only where they are wanted, and the same text with and without", () => {
  const layout = { columns: 80, rows: 24 };
  const bare = screenLines(several, { ...layout, style: plain }, NOW);
  const coloured = screenLines(several, { ...layout, style: styleFor({ isTerminal: true }, {}) }, NOW);
  assert.ok(!bare.join("").includes("\u001b") && coloured.join("").includes("\u001b["));
  assert.deepEqual(coloured.map(widthOf), bare.map(widthOf));
});

const stage = fc.constantFrom(
  ...(["looking", "registering", "waiting", "minting", "storing", "done", "ended"] as const),
);
const sight: fc.Arbitrary<Sight> = stage.map((each) => ({
  ...(each === "waiting" ? waiting("a1b2") : nothing),
  stage: each,
  ...(each === "registering" ? { trouble } : {}),
  ...(each === "ended" ? { reason } : {}),
}));
const NAMES = ["jfrog", "corp/art", "開発", "x".repeat(50), "e", "f", "g", "h", "i", "j"];
const name = fc.constantFrom(...NAMES);
const happening: fc.Arbitrary<WizardEvent> = fc.oneof(
  fc.record({ type: fc.constant("seen" as const), name, sight }),
  fc.record({ type: fc.constantFrom("opened" as const, "copied" as const), name }),
  fc.record({ type: fc.constant("key" as const), key: fc.constantFrom("up", "down", "s", "o", "c", "3", "9", "x") }),
);

property(
  "whatever happens, on a terminal of any size: the screen fits, so that it can be drawn again in place",
  [fc.array(happening), fc.nat({ max: 10 }), fc.integer({ min: 1, max: 140 }), fc.integer({ min: 2, max: 50 })],
  (events, count, columns, rows) => {
    const wizard = after([...named(...NAMES.slice(0, count)), ...events]);
    const lines = screenLines(wizard, { columns, rows, style: plain }, NOW);
    assert.ok(lines.reduce((sum, line) => sum + rowsOf(line, columns), 0) < rows);
    const open = wizard.logins.filter(({ stage: now }) => !["done", "ended", "skipped"].includes(now));
    return open.length === 0 || wizard.logins.some((login) => login.name === wizard.chosen);
  },
);

const frames = fc.array(fc.array(fc.constantFrom("a", "bc".repeat(15), "url".repeat(21), "日本語"), { maxLength: 6 }));

property(
  "a live region: texts that stay come in their order above it, and at the end the last drawing is there once",
  [frames, fc.array(fc.nat({ max: 3 })), fc.integer({ min: 10, max: 60 })],
  (drawings, logged, columns) => {
    let written = "";
    const region = new LiveRegion({
      columns,
      rows: 60,
      write(text) {
        written += text.replaceAll("\n", "\r\n");
      },
    });
    const said: string[] = [];
    for (const [index, drawing] of drawings.entries()) {
      region.draw(drawing);
      for (let each = 0; each < (logged[index] ?? 0); each++) {
        said.push(`log ${said.length}`);
        region.above(`${said.at(-1)}\n`);
      }
    }
    const wanted = [...said, ...(drawings.at(-1) ?? [])].map((line) => `${line}\r\n`).join("");
    assert.equal(screenOf(written, columns, 60), screenOf(wanted, columns, 60));
    return true;
  },
);
