import { Fault } from "../errors.ts";
import { Missing } from "../values/missing.ts";
import { sprint } from "../values/printf.ts";
import { toText } from "./collections.ts";
import { type TemplateFunction, textFunction } from "./function.ts";

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** RFC 4648 §4; line ends are skipped, padding is needed. The message holds nothing of the text: it may be a secret. */
function decode(text: string): string {
  const packed = text.replace(/[\r\n]/g, "");
  if (!BASE64.test(packed)) throw new Fault("template.execution", "base64decode: illegal base64 data");
  return toText(Buffer.from(packed, "base64"));
}

/** For a shell: in single quotes, whatever it holds. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** `value | default "fallback"`: the fallback for what is missing or prints as nothing. */
const withDefault: TemplateFunction = {
  parameters: ["text", "any"],
  run: ([fallback = "", value]) => {
    if (value === undefined || value instanceof Missing) return fallback;
    const printed = sprint([value]);
    return printed === "" || printed === "<no value>" ? fallback : printed;
  },
};

/** The functions that templates written for dotvault before this one may use. */
export const PREDECESSOR: Readonly<Record<string, TemplateFunction>> = {
  base64encode: textFunction(1, (text = "") => Buffer.from(text).toString("base64")),
  base64decode: textFunction(1, (text = "") => decode(text)),
  default: withDefault,
  env: { parameters: ["text"], run: ([name], outside) => outside.env(String(name)) ?? "" },
  quote: textFunction(1, (text = "") => quoteForShell(text)),
  username: { parameters: [], run: (_args, outside) => outside.username },
};
