/** Colour where a person looks at a terminal and did not ask for none (https://no-color.org). */
export interface Style {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function styleFor(screen: { readonly isTerminal: boolean }, env: Environment): Style {
  const on = screen.isTerminal && !env.NO_COLOR && env.TERM !== "dumb";
  const paint = (code: string) => (text: string) => (on ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { red: paint("31"), yellow: paint("33"), green: paint("32"), dim: paint("2"), bold: paint("1") };
}

/** Server texts are shown without the escapes and control characters that could act on a terminal. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]+/gu, " ").trim();
}
