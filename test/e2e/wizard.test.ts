import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Machine, makeMachine, startPlatform, type TerminalChild } from "../support/agent-process.ts";
import { configText } from "../support/home.ts";
import { screenOf } from "../support/screen.ts";
import { compareTranscript } from "../support/transcript.ts";

const [SIGHUP, SIGKILL, SIGTERM] = [1, 9, 15];

/** Two enrolments that nobody has signed in to. */
async function twoMissing(t: TestContext) {
  const platform = await startPlatform(t, { autoApprove: null });
  const engine = { engine: "jfrog", settings: { url: platform.url } };
  const machine = makeMachine(t, configText({ enrolments: { jfrog: engine, "corp/art": engine } }), {
    SSH_CONNECTION: "192.0.2.7 50022 192.0.2.1 22",
  });
  return { platform, machine };
}

type Links = Readonly<Record<string, string>>;

/** Waits until each enrolment shows its link. @returns sessions by code (`#a1b2`), in the order of the screen */
async function links(machine: Machine, terminal: TerminalChild, count: number): Promise<Links> {
  return machine.until(`${count} links`, () => {
    const frame = terminal.out().split("\u001b[J").at(-1) ?? "";
    const shown = [...frame.matchAll(/jfClientSession=([0-9a-f-]{32}([0-9a-f]{4}))/g)];
    const found = Object.fromEntries(shown.map(([, session = "", code = ""]) => [`#${code}`, session]));
    return Object.keys(found).length === count && found;
  });
}

/** The screen as it is, without what differs from run to run. */
function capture(name: string, terminal: TerminalChild, sessions: Links): void {
  let written = terminal.out().replace(/127\.0\.0\.1:\d+/g, "acme.jfrog.io");
  for (const [index, [code, session]] of Object.entries(sessions).entries()) {
    const shown = "5b6f2f0e-8a41-4c1f-9f0b-3a1c2d4e".concat(`a${index}b${index}`);
    written = written.replaceAll(session, shown).replaceAll(code.replace("#", "code "), `code ${shown.slice(-4)}`);
  }
  const seen = screenOf(written.replace(/\d:\d\d left/g, "4:58 left"));
  compareTranscript(name, seen);
}

/** A login ended from outside, and taken up again. */
async function struck(t: TestContext, signal: number): Promise<void> {
  const { machine, platform } = await twoMissing(t);
  const terminal = machine.onTerminal("enrol", "jfrog");
  const sessions = await links(machine, terminal, 1);
  terminal.strike(signal);
  assert.equal((await machine.end(terminal)).code, 128 + signal);
  assert.match(terminal.err(), /^ended\nterminal: usable$/m);
  const again = machine.onTerminal("enrol", "jfrog");
  assert.deepEqual(await links(machine, again, 1), sessions);
  platform.approve(Object.values(sessions)[0]);
  assert.equal((await machine.end(again)).code, 0);
}

describe("the wizard on a terminal", { concurrency: 2 }, () => {
  test("two logins at once on one screen; one that is done is stored while the other waits", async (t) => {
    const { platform, machine } = await twoMissing(t);
    machine.run();
    await machine.untilState("idle.missing", "corp/art");
    await machine.untilState("idle.missing", "jfrog");
    const terminal = machine.onTerminal("enrol");
    const sessions = await links(machine, terminal, 2);
    await machine.until("the code is copied", () => terminal.out().includes("code copied"));
    capture("wizard-two", terminal, sessions);
    assert.ok(terminal.out().includes("\u001b]52;c;"), "over SSH the code goes to the person's own terminal");
    const order = Object.values(sessions);
    platform.approve(order[0]);
    await machine.until("the first is done", () => screenOf(terminal.out()).includes("credentials acquired"));
    await machine.untilState("active", "jfrog");
    assert.equal(machine.events("STORED").length, 1);
    platform.approve(order[1]);
    assert.equal((await machine.end(terminal)).code, 0);
    capture("wizard-two-done", terminal, {});
    assert.match(terminal.err(), /usable/);
  });

  test("s gives one login up, q leaves the other as it is, and coming back shows the same code", async (t) => {
    const { platform, machine } = await twoMissing(t);
    machine.run();
    for (const name of ["jfrog", "corp/art"]) await machine.untilState("idle.missing", name);
    const first = machine.onTerminal("enrol");
    const sessions = await links(machine, first, 2);
    first.press("s");
    await machine.until("skipped", () => screenOf(first.out()).includes("skipped"));
    await machine.untilState("idle.missing", "jfrog");
    assert.equal(machine.events("ENROL_CANCELLED").length, 1);
    first.press("q");
    const left = await machine.end(first);
    assert.equal(left.code, 3);
    assert.match(left.out, /the logins stay as they are \(corp\/art\)/);
    assert.match(left.err, /usable/);
    const second = machine.onTerminal("enrol", "corp/art");
    const again = await links(machine, second, 1);
    const [code = "?"] = Object.keys(again);
    assert.equal(again[code], sessions[code], "the same session");
    platform.approve(again[code]);
    assert.equal((await machine.end(second)).code, 0);
    assert.equal(platform.calls.filter(({ kind }) => kind === "register").length, 2);
  });

  test("run shares the terminal with its log; q leaves the wizard, and the agent goes on", async (t) => {
    const { machine, platform } = await twoMissing(t);
    const terminal = machine.onTerminal("run");
    await links(machine, terminal, 2);
    assert.match(screenOf(terminal.out(), 80, 60), /agent started[\s\S]*2 enrolments need you/);
    terminal.press("q");
    await machine.until("the wizard is left", () => terminal.out().includes("the logins stay as they are"));
    platform.approve();
    await machine.until("one of them is done", (reader) =>
      [...reader.events()].some(({ event }) => event.type === "STORED"),
    );
    terminal.strike(SIGTERM);
    assert.equal((await machine.end(terminal)).code, 0);
    assert.match(terminal.err(), /usable/);
  });

  test("SIGKILL in the wizard leaves the terminal usable, and the login as it was", (t) => struck(t, SIGKILL));
  test("SIGTERM in the wizard leaves the terminal usable, and the login as it was", (t) => struck(t, SIGTERM));
  test("SIGHUP in the wizard leaves the terminal usable, and the login as it was", (t) => struck(t, SIGHUP));

  test("Ctrl-Z gives the terminal back for a while, Ctrl-C for good", async (t) => {
    const { machine } = await twoMissing(t);
    const terminal = machine.onTerminal("enrol");
    await links(machine, terminal, 2);
    terminal.press("\u001a");
    await machine.until("stopped and gone on", () => terminal.err().includes("stopped\nterminal: usable"));
    terminal.resize(50, 20);
    await machine.until("drawn for a narrow terminal", () => {
      const frame = terminal.out().split("\u001b[J").at(-1) ?? "";
      return frame.includes("↑ ↓ choose") && !frame.includes("s skip · q quit");
    });
    terminal.press("\u0003");
    assert.equal((await machine.end(terminal)).code, 130);
    assert.match(terminal.err(), /ended\nterminal: usable/);
  });
});

test("in a pipe: plain lines, each block under its enrolment, and no key is waited for", async (t) => {
  const { machine, platform } = await twoMissing(t);
  const piped = machine.start("enrol");
  await machine.until("both wait", () => piped.err().match(/Waiting for authentication/g)?.length === 2);
  assert.match(piped.err(), /Enrolment \[1\/2\]: JFrog\n! First, copy your one-time code: [0-9a-f]{4}\n/);
  assert.match(piped.err(), /Enrolment \[2\/2\]: JFrog\n! First/);
  platform.approve();
  platform.approve();
  assert.equal((await machine.end(piped)).code, 0);
  assert.match(piped.err(), /✓ corp\/art \(JFrog\) — credentials acquired for @ada/);
  assert.ok(!piped.err().includes("\u001b"), "no control sequences");
});
