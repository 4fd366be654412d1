import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { desktopIn } from "../../src/adapters/desktop/desktop.ts";
import { mayNotify, type Place, placeOf, type Surroundings } from "../../src/adapters/desktop/place.ts";
import type { Program } from "../../src/adapters/desktop/programs.ts";

const linux: Surroundings = { platform: "linux", env: {}, exists: () => false, kernel: "6.1.0-debian" };
const inside = (env: Surroundings["env"], over: Partial<Surroundings> = {}): Surroundings => ({
  ...linux,
  env,
  ...over,
});
const docker = (path: string) => path === "/.dockerenv";
const WSL = "5.15.167.4-microsoft-standard-WSL2";

const PLACES: readonly (readonly [what: string, Surroundings, Place])[] = [
  ["X11", inside({ DISPLAY: ":0" }), "desktop"],
  ["Wayland", inside({ WAYLAND_DISPLAY: "wayland-0" }), "desktop"],
  ["a Mac", inside({}, { platform: "darwin" }), "desktop"],
  ["a console", inside({}), "console"],
  ["SSH, with X11 forwarded", inside({ SSH_CONNECTION: "1", DISPLAY: "localhost:10.0" }), "ssh"],
  ["SSH to a Mac", inside({ SSH_TTY: "/dev/ttys1" }, { platform: "darwin" }), "ssh"],
  ["Docker", inside({}, { exists: docker }), "container"],
  ["Docker on WSL", inside({}, { exists: docker, kernel: WSL }), "container"],
  ["Podman", inside({ container: "podman" }), "container"],
  ["Kubernetes", inside({ KUBERNETES_SERVICE_HOST: "10.0.0.1" }), "container"],
  [
    "an editor's container that opens browsers outside",
    inside({ container: "1", BROWSER: "/vscode/browser.sh" }),
    "desktop",
  ],
  ["WSL", inside({ WSL_DISTRO_NAME: "Debian", DISPLAY: ":0" }), "wsl"],
  ["a service on WSL", inside({}, { kernel: WSL }), "wsl"],
];

for (const [what, around, place] of PLACES) test(`${what} is ${place}`, () => assert.equal(placeOf(around), place));

/** A desktop whose programs are only noted. */
function noting(around: Surroundings) {
  const started: (Program & { input?: string | undefined })[] = [];
  const desktop = desktopIn(around, async (programs, input) => {
    started.push(...programs.map((program) => ({ ...program, input })));
    return true;
  });
  return { desktop, started };
}

describe("what is started where", () => {
  test("a notification: both ways of Linux, each text one argument, quoted as the bus reads it", async () => {
    const { desktop, started } = noting(inside({ DISPLAY: ":0" }));
    assert.ok(await desktop.notify("dotvault", 'a "b" $(c)'));
    assert.deepEqual(started[0], {
      command: "notify-send",
      args: ["--app-name=dotvault", "--", "dotvault", 'a "b" $(c)'],
      input: undefined,
    });
    assert.equal(started[1]?.command, "gdbus");
    assert.ok(started[1]?.args.includes('"a \\"b\\" $(c)"'));
  });

  test("a service that has the session's bus notifies; SSH, WSL, a container and a bare console do not", async () => {
    const bus = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/user/1000/bus" };
    assert.ok(mayNotify(inside(bus), "console"));
    for (const around of [
      inside({ ...bus, SSH_CONNECTION: "1" }),
      inside({ ...bus, WSL_DISTRO_NAME: "Debian" }),
      inside({ ...bus, container: "podman" }),
      inside({}),
    ]) {
      const { desktop, started } = noting(around);
      assert.equal(await desktop.notify("dotvault", "text"), false);
      assert.equal(started.length, 0);
    }
  });

  test("a page of another host is never opened; on WSL it opens in Windows", async () => {
    const { desktop, started } = noting(inside({ WSL_DISTRO_NAME: "Debian" }));
    assert.equal(await desktop.open("https://evil.example/x", "https://acme.jfrog.io"), false);
    assert.equal(await desktop.open("file:///etc/passwd", "file:///"), false);
    assert.equal(started.length, 0);
    assert.ok(await desktop.open("https://acme.jfrog.io/ui?a=1&b=2", "https://acme.jfrog.io"));
    assert.deepEqual(
      started.map(({ command }) => command),
      ["wslview", "rundll32.exe", "xdg-open"],
    );
    for (const { args } of started) assert.equal(args.at(-1), "https://acme.jfrog.io/ui?a=1&b=2");
  });

  test("what is copied goes through a pipe, never through arguments", async () => {
    const { desktop, started } = noting(inside({ DISPLAY: ":0" }));
    await desktop.copy("a1b2");
    for (const { args, input } of started) {
      assert.equal(input, "a1b2");
      assert.ok(!args.includes("a1b2"));
    }
  });

  test("over SSH and in a container nothing is opened and nothing copied", async () => {
    for (const env of [{ SSH_CLIENT: "1", DISPLAY: ":0" }, { container: "docker" }]) {
      const { desktop, started } = noting(inside(env));
      assert.equal(await desktop.open("https://acme.jfrog.io/", "https://acme.jfrog.io"), false);
      assert.equal(await desktop.copy("a1b2"), false);
      assert.equal(started.length, 0);
    }
  });
});
