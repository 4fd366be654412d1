import { setFlagsFromString } from "node:v8";

/**
 * Keeps the young generation of the heap as small as it is at the start. V8 lets it grow to 2 × 16 MB in the first busy
 * seconds and gives nothing back while a process idles, which is all that an agent does: 12 MB of resident memory. The
 * factor is read at each growth, so it may be set while V8 runs (the sizes themselves may not).
 */
export function stayLean(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
