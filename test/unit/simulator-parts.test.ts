import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import { parseAudience } from "../../src/simulator/audience.ts";
import { keyId, selfSigned } from "../../src/simulator/certificate.ts";
import { checkedFault } from "../../src/simulator/fault.ts";
import { FaultPlan } from "../../src/simulator/fault-plan.ts";
import { decideLifetime } from "../../src/simulator/lifetime.ts";
import { referenceToken, uuid } from "../../src/simulator/random.ts";
import { match } from "../../src/simulator/route.ts";
import { opens, parseScope } from "../../src/simulator/scope.ts";
import { isSessionId } from "../../src/simulator/sessions.ts";
import { atLeast, checkedSwitches, defaultSwitches } from "../../src/simulator/switches.ts";

const bytes = (value: number) => (count: number) => Buffer.alloc(count, value);

describe("the root certificate", () => {
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const at = (now: number, serial = Buffer.from([0x80, 1])) =>
    new X509Certificate(selfSigned({ ...keys, commonName: "jfac@01x", serial, now }));

  test("is one that Node parses, signed by its own key, an authority, with the validity asked for", () => {
    const certificate = at(Date.UTC(2026, 10, 23));
    assert.ok(certificate.verify(keys.publicKey));
    assert.ok(certificate.ca);
    assert.equal(certificate.subject, certificate.issuer);
    assert.equal(certificate.validFromDate.toISOString(), "2026-11-22T00:00:00.000Z");
    assert.equal(certificate.serialNumber, "8001");
  });

  test("has valid dates beyond UTCTime's end in 2049", () => {
    assert.equal(at(Date.UTC(2060, 0, 2)).validFromDate.toISOString(), "2060-01-01T00:00:00.000Z");
  });

  test("survives a serial of zeros, and openssl's parser where there is one", () => {
    const certificate = at(0, Buffer.alloc(16));
    assert.equal(Number(certificate.serialNumber), 0);
    let openssl: string;
    try {
      openssl = execFileSync("openssl", ["x509", "-noout", "-text"], {
        input: certificate.toString(),
        encoding: "utf8",
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    assert.match(openssl, /Version: 3/);
    assert.match(openssl, /CA:TRUE[\s\S]*Certificate Sign, CRL Sign/);
  });

  test("gives a key id that is the unpadded base64url of a SHA-256", () => {
    assert.match(keyId(Buffer.from("x")), /^[\w-]{43}$/);
  });
});

describe("ids", () => {
  test("a uuid is a lower-case v4 whatever the random bytes, and the only form of a session", () => {
    for (const value of [0x00, 0x5a, 0xff]) assert.ok(isSessionId(uuid(bytes(value))));
    for (const wrong of ["", "x", uuid(bytes(0xff)).toUpperCase(), "12345678-1234-1234-8234-123456789012"])
      assert.ok(!isSessionId(wrong));
  });

  test("a reference token has 64 characters and starts cmVmdGtu", () => {
    assert.match(referenceToken(1_800_000_000, bytes(7)), /^cmVmdGtu.{56}$/);
    assert.match(referenceToken(0, bytes(255)), /^cmVmdGtu.{56}$/);
  });
});

describe("scopes", () => {
  test("the grammar of the wire contract is accepted", () => {
    for (const scope of [
      "applied-permissions/user",
      "applied-permissions/admin",
      'applied-permissions/groups:readers,"release managers"',
      "applied-permissions/roles:web:Developer,Viewer",
      "artifact:libs/a/b:r,w artifact:docs:*",
      "system:metrics:r system:livelogs:rw",
    ])
      assert.ok(parseScope(scope), scope);
  });

  test("what is not in the grammar is refused", () => {
    for (const scope of [
      "",
      "admin",
      "applied-permissions/groups",
      "applied-permissions/user:x",
      "artifact:libs:q",
      "artifact::r",
      "system:all:r",
      "applied-permissions/roles:web",
      "applied-permissions/user nonsense",
    ])
      assert.equal(parseScope(scope), undefined, scope);
  });

  test("an artifact scope opens its path for its actions only", () => {
    const scope = parseScope("artifact:libs/a/*:r") ?? [];
    assert.ok(opens(scope, "r", "libs", "a/b.txt"));
    assert.ok(!opens(scope, "w", "libs", "a/b.txt"));
    assert.ok(!opens(scope, "r", "libs", "c.txt"));
    assert.ok(!opens(scope, "r", "docs", "a/b.txt"));
    assert.ok(!opens(parseScope("system:metrics:*") ?? [], "r", "libs", "a"));
  });

  test("audiences are service ids or wildcards", () => {
    assert.deepEqual(parseAudience("jfrt@01abc *@*"), ["jfrt@01abc", "*@*"]);
    assert.equal(parseAudience("everybody"), undefined);
  });
});

describe("lifetimes", () => {
  const switches = { ...defaultSwitches(), defaultSeconds: 100, maximumSeconds: 50 };
  const seconds = (asked: number | undefined, admin: boolean, more = {}) => {
    const decided = decideLifetime(asked, admin, { ...switches, ...more });
    return "refused" in decided ? decided.refused.status : decided.seconds;
  };

  test("0 is never for anybody but an admin, and a cap ends even that", () => {
    assert.equal(seconds(0, false), 403);
    assert.equal(seconds(0, true), 0);
    assert.equal(seconds(0, true, { capSeconds: 7 }), 7);
  });

  test("over the maximum: refused or clamped; an admin has none", () => {
    assert.equal(seconds(51, false), 403);
    assert.equal(seconds(51, false, { overMaximum: "clamp" }), 50);
    assert.equal(seconds(51, true), 51);
  });

  test("the default is never refused; the quiet cap never is either", () => {
    assert.equal(seconds(undefined, false), 50);
    assert.equal(seconds(50, false, { capSeconds: 3 }), 3);
  });
});

describe("switches and faults from outside", () => {
  test("unknown names and wrong kinds are refused by name", () => {
    assert.throws(() => checkedSwitches({ capSecond: 1 }), { code: "simulator.switch", message: /capSecond/ });
    for (const wrong of [
      { capSeconds: "1" },
      { spentRefresh: 500 },
      { oldAccessToken: { lagMs: -1 } },
      { version: "7" },
    ])
      assert.throws(() => checkedSwitches(wrong), { code: "simulator.switch" });
    for (const wrong of [null, [], "x"]) assert.throws(() => checkedSwitches(wrong), { code: "simulator.switch" });
  });

  test("the defaults themselves pass the check", () => {
    assert.deepEqual(checkedSwitches(defaultSwitches()), defaultSwitches());
  });

  test("a fault says what is wrong with it", () => {
    for (const [wrong, message] of [
      [null, /JSON object/],
      [{ on: "poll", kind: "explode" }, /explode/],
      [{ kind: "reset" }, /needs on/],
      [{ on: "poll", kind: "status" }, /needs status/],
      [{ on: "poll", kind: "reset", status: 500 }, /no field status/],
      [{ on: "everything", kind: "reset" }, /on can't be/],
      [{ on: "poll", kind: "reset", times: 0 }, /times can't be/],
    ] as const)
      assert.throws(() => checkedFault(wrong), { code: "simulator.fault", message });
  });

  test("versions are compared part by part", () => {
    assert.ok(atLeast("7.104.5", "7.64.0"));
    assert.ok(atLeast("7.64.0", "7.64.0"));
    assert.ok(!atLeast("7.63.14", "7.64.0"));
  });
});

describe("the plan of faults", () => {
  test("a fault strikes after those it skips, so often as it says, and only its kind and user", () => {
    const plan = new FaultPlan();
    plan.inject({ on: "poll", kind: "reset", skip: 1, times: 2, user: "ada" });
    const drawn = (kind: "poll" | "mint", user: string) => plan.draw(kind, user).effect !== undefined;
    assert.deepEqual([drawn("mint", "ada"), drawn("poll", "grace"), drawn("poll", "ada")], [false, false, false]);
    assert.deepEqual([drawn("poll", "ada"), drawn("poll", "ada"), drawn("poll", "ada")], [true, true, false]);
  });

  test("the first other fault strikes, and the next stays for the next request", () => {
    const plan = new FaultPlan();
    plan.inject({ on: "any", kind: "status", status: 500 });
    plan.inject({ on: "any", kind: "status", status: 501 });
    const names = [1, 2, 3].flatMap(() => plan.draw("mint", null).names);
    assert.deepEqual(names, ["status-500", "status-501"]);
  });
});

test("a path gives its placeholders decoded, and no other path does", () => {
  assert.deepEqual(match("/a/<id>", "/a/x%20y"), { id: "x y" });
  assert.deepEqual(match("/a/<id>/<path...>", "/a/x/b/c"), { id: "x", path: "b/c" });
  for (const other of ["/a", "/a/", "/a/x/y", "/b/x"]) assert.equal(match("/a/<id>", other), undefined);
});
