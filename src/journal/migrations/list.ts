import { initial } from "./0001-initial.ts";
import { kept } from "./0002-kept.ts";

/** The journal's formats in order; the n-th leads from format n-1 to n. A released one is never edited. */
export const migrations: readonly string[] = [initial, kept];

/** The format that this dotvault writes. */
export const currentFormat = migrations.length;

/** The first format that this dotvault reads as it lies: an older agent may still write it. */
export const oldestReadable = 1;

/** The first format that keeps standings (`kept`) and where the clock was set back (`setbacks`). */
export const keepingFormat = 2;
