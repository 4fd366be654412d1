const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/**
 * Names that an object of a JSON text has twice, at whatever depth. `JSON.parse` takes the last of them, other readers the
 * first (RFC 8259 §4); RFC 7519 §4 has such a token rejected.
 *
 * @param json a text that `JSON.parse` accepts
 */
export function repeatedNames(json: string): string[] {
  const repeated = new Set<string>();
  const open: (Set<string> | undefined)[] = [];
  let text = "";
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") note(text, open.at(-1), repeated);
    else if (token !== ",") text = token;
  }
  return [...repeated];
}

function note(written: string, names: Set<string> | undefined, repeated: Set<string>): void {
  const name = String(JSON.parse(written));
  if (names?.has(name)) repeated.add(name);
  names?.add(name);
}
