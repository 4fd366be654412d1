import { sprint, sprintf, sprintln } from "../values/printf.ts";
import { isPrintable } from "../values/quote.ts";
import type { Value } from "../values/value.ts";
import type { TemplateFunction } from "./function.ts";

function ofAll(run: (args: readonly Value[]) => string): TemplateFunction {
  return { parameters: [], rest: "any", run };
}

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (character) => HTML[character] ?? character);
}

function escapeJs(text: string): string {
  return text.replace(/[^ !#-%(-;?-[\]-~]/gu, (character) => {
    if ("\\'\"".includes(character)) return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x7f && (code === 0x7f || isPrintable(character))) return character;
    return `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

/** As url.QueryEscape: RFC 3986 unreserved characters stay, a space becomes `+`. */
function escapeQuery(text: string): string {
  const escaped = encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return escaped.replaceAll("%20", "+");
}

export const PRINTING: Readonly<Record<string, TemplateFunction>> = {
  print: ofAll(sprint),
  println: ofAll(sprintln),
  printf: { parameters: ["text"], rest: "any", run: ([format, ...args]) => sprintf(String(format), args) },
  html: ofAll((args) => escapeHtml(sprint(args))),
  js: ofAll((args) => escapeJs(sprint(args))),
  urlquery: ofAll((args) => escapeQuery(sprint(args))),
};
