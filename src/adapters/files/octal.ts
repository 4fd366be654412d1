/** Permission bits as `chmod` takes them: `0600`. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
