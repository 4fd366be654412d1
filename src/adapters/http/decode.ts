import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

type Unpack = (data: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const unpackers: Readonly<Record<string, Unpack>> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

export type Decoded = { readonly text: string } | { readonly failed: "too-large" | "truncated"; readonly why: string };

/**
 * An answer's bytes as text. We ask for no compression (answers are small and hold secrets), but a proxy may compress all
 * the same: unpacked then, up to `maxBytes`, so that a small answer can't become a large one.
 */
export async function decodeBody(data: Buffer, encoding: string | undefined, maxBytes: number): Promise<Decoded> {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (data.length === 0 || name === "" || name === "identity") return { text: toText(data) };
  const unpack = Object.hasOwn(unpackers, name) ? unpackers[name] : undefined;
  if (unpack === undefined) return { failed: "truncated", why: "unknown compression" };
  try {
    return { text: toText(await unpack(data, { maxOutputLength: maxBytes })) };
  } catch (error) {
    const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    return tooLarge ? { failed: "too-large", why: "unpacked" } : { failed: "truncated", why: "can't be unpacked" };
  }
}

function toText(data: Buffer): string {
  return new TextDecoder().decode(data);
}
