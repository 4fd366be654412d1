export type StateValue = string | { readonly [state: string]: StateValue };

/** `refreshing.doubted.probing`: how people and logs name a state. Apart from the machine, so that `status` need not load it. */
export function stateName(value: StateValue): string {
  if (typeof value === "string") return value;
  const [[name, inner] = ["?", "?"]] = Object.entries(value);
  return `${name}.${stateName(inner)}`;
}
