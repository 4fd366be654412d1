import { initial } from "./0001-initial.ts";

/** The journal's formats in order; the n-th leads from format n-1 to n. A released one is never edited. */
export const migrations: readonly string[] = [initial];

/** The format that this dotvault reads and writes. */
export const currentFormat = migrations.length;
