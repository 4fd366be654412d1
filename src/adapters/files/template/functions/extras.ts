import { Fault } from "../errors.ts";
import { LIMITS, tooLarge } from "../limits.ts";
import { Missing } from "../values/missing.ts";
import { absent } from "../values/printer.ts";
import type { Value } from "../values/value.ts";
import { type TemplateFunction, textFunction } from "./function.ts";
import { toJson } from "./to-json.ts";
import { toYaml } from "./to-yaml.ts";

const AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;

/** Character by character, as Go does: `ß` stays, since its capital is two letters. */
function eachCharacter(text: string, change: (character: string) => string): string {
  let out = "";
  for (const character of text) {
    const changed = change(character);
    out += [...changed].length === 1 ? changed : character;
  }
  return out;
}

/** `replace old new text`, so that the text can come through a pipe. */
function replace(old: string, by: string, text: string): string {
  const pieces = text.split(old);
  if (text.length + (pieces.length + 1) * by.length > LIMITS.bytes) throw tooLarge();
  return old === "" ? by + [...text].map((character) => character + by).join("") : pieces.join(by);
}

/** Serialises data; an absent field is no data, a null is. */
function serializer(write: (value: Value) => string): TemplateFunction {
  return {
    parameters: ["any"],
    run: ([value]) => {
      if (value === undefined) return "";
      if (value instanceof Missing && value.why === "absent") throw absent(value);
      return write(value);
    },
  };
}

/** `required "message" value` */
const required: TemplateFunction = {
  parameters: ["text", "any"],
  run: ([message, value]) => {
    if (value !== undefined && value !== "" && !(value instanceof Missing)) return value;
    throw new Fault("template.failed", String(message));
  },
};

export const EXTRAS: Readonly<Record<string, TemplateFunction>> = {
  b64url: textFunction(1, (text = "") => Buffer.from(text).toString("base64url")),
  fail: textFunction(1, (message = "") => {
    throw new Fault("template.failed", message);
  }),
  lower: textFunction(1, (text = "") => eachCharacter(text, (character) => character.toLowerCase())),
  replace: textFunction(3, (old = "", by = "", text = "") => replace(old, by, text)),
  required,
  toJson: serializer(toJson),
  toYaml: serializer(toYaml),
  trim: textFunction(1, (text = "") => text.replace(AROUND, "")),
  upper: textFunction(1, (text = "") => eachCharacter(text, (character) => character.toUpperCase())),
};
