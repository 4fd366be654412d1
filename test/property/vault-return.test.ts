import assert from "node:assert/strict";
import fc from "fast-check";
import { CALLBACK_PATH, judgeReturn, Return } from "../../src/adapters/vault/login/oidc/return.ts";
import { property } from "../support/property.ts";

const state = fc.stringMatching(/^st_[A-Za-z0-9]{8,20}$/);
const value = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "x", "access_denied"));
const name = fc.constantFrom("state", "code", "error", "error_description", "iss", "State", "state[]");
const parameters = fc.array(fc.tuple(name, value), { maxLength: 6 });
const path = fc.oneof(fc.constant(CALLBACK_PATH), fc.webPath());

function at(pathname: string, query: readonly (readonly [string, string])[]): URL {
  const url = new URL("http://localhost:8250");
  url.pathname = pathname;
  url.search = new URLSearchParams(query.map(([key, given]) => [key, given])).toString();
  return url;
}

property(
  "whatever comes back: nothing is taken without the one state, and what is taken is one line, printable",
  [path, parameters, state],
  (pathname, query, expected) => {
    const judged = judgeReturn(at(pathname, query), expected);
    if (!("status" in judged)) {
      const states = query.filter(([key]) => key === "state").map(([, given]) => given);
      assert.deepEqual(states, [expected]);
      assert.equal(pathname, CALLBACK_PATH);
    }
    assert.ok("status" in judgeReturn(at(pathname, query), undefined), "when it is over, nothing is");
    return true;
  },
);

property(
  "with the right state: a code is taken as it is, a refusal as one printable line; doubled parameters are neither",
  [parameters, state],
  (more, expected) => {
    const others = more.filter(([key]) => key !== "state");
    const judged = judgeReturn(at(CALLBACK_PATH, [["state", expected], ...others]), expected);
    const given = (key: string) => others.filter(([one]) => one === key).map(([, what]) => what);
    const [error, code] = [given("error"), given("code")];
    if ("status" in judged) assert.ok(code.length !== 1 || code[0] === "" || error.length > 1);
    else if (judged.kind === "code") assert.deepEqual([judged.code, judged.state], [code[0], expected]);
    else assert.match(judged.message, /^[^\p{C}]{0,200}$/u);
    return true;
  },
);

property(
  "of many that come back at once with the right state, one is taken",
  [state, fc.integer({ min: 2, max: 6 })],
  async (expected, many) => {
    const back = new Return();
    back.expect(expected);
    const url = at(CALLBACK_PATH, [
      ["state", expected],
      ["code", "c"],
    ]);
    const pages = Array.from({ length: many }, () => back.arrived(url));
    await back.wait(60_000, undefined);
    back.show({ status: 200, title: "", text: "" });
    const statuses = (await Promise.all(pages)).map(({ status }) => status);
    assert.deepEqual(statuses.filter((status) => status === 200).length, 1);
    return true;
  },
);
