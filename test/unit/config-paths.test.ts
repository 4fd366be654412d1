import assert from "node:assert/strict";
import { test } from "node:test";
import { expandHome, paths } from "../../src/config/paths.ts";

test("without XDG variables everything has its default place", () => {
  assert.deepEqual(paths({}, "linux", "/home/me"), {
    home: "/home/me",
    systemConfigs: ["/etc/xdg/dotvault/config.yaml"],
    userConfig: "/home/me/.config/dotvault/config.yaml",
    stateDir: "/home/me/.local/state/dotvault",
    journal: "/home/me/.local/state/dotvault/journal.db",
    lock: "/home/me/.local/state/dotvault/lock.db",
    socket: "/home/me/.local/state/dotvault/agent.sock",
    dataDir: "/home/me/.local/share/dotvault",
    key: "/home/me/.local/share/dotvault/journal.key",
    nextKey: "/home/me/.local/share/dotvault/journal.key.next",
    store: "/home/me/.local/share/dotvault/store.db",
    tokenFile: "/home/me/.dotvault-token",
  });
});

test("XDG variables move what they name", () => {
  const env = {
    XDG_CONFIG_DIRS: "/a:/b",
    XDG_CONFIG_HOME: "/c",
    XDG_STATE_HOME: "/s",
    XDG_DATA_HOME: "/d",
  };
  const found = paths(env, "linux", "/home/me");
  assert.deepEqual(found.systemConfigs, ["/a/dotvault/config.yaml", "/b/dotvault/config.yaml"]);
  assert.equal(found.userConfig, "/c/dotvault/config.yaml");
  assert.equal(found.journal, "/s/dotvault/journal.db");
  assert.equal(found.key, "/d/dotvault/journal.key");
});

test("empty and relative XDG variables count as unset, as the specification says", () => {
  const env = { XDG_CONFIG_DIRS: ":relative:", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "state", XDG_DATA_HOME: "./d" };
  assert.deepEqual(paths(env, "linux", "/home/me"), paths({}, "linux", "/home/me"));
});

test("macOS has one place for the system's configuration, whatever XDG_CONFIG_DIRS says", () => {
  const found = paths({ XDG_CONFIG_DIRS: "/a" }, "darwin", "/Users/me");
  assert.deepEqual(found.systemConfigs, ["/Library/Application Support/dotvault/config.yaml"]);
});

test("only a leading ~/ is the home directory", () => {
  assert.equal(expandHome("~/.jfrog/x", "/home/me"), "/home/me/.jfrog/x");
  assert.equal(expandHome("~", "/home/me"), "/home/me");
  assert.equal(expandHome("~other/x", "/home/me"), "~other/x");
  assert.equal(expandHome("/a/~/b", "/home/me"), "/a/~/b");
});
