import { hash } from "node:crypto";

/** SHA-256, lower-case hex. Only for what is random or public: a digest of what a person chose can be guessed. */
export function digest(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "hex");
}
