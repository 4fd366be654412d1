/** Credentials in the user's own files: formats that change managed keys only, and writes that are all or nothing. */
export { formatAside } from "./aside.ts";
export { maskedDiff } from "./diff.ts";
export {
  FORMAT_NAMES,
  type Format,
  type FormatName,
  HOLE,
  isFormatName,
  type MergeOptions,
  type MergeResult,
} from "./formats/format.ts";
export { formatFor, supportsDeleteNulls } from "./formats/index.ts";
export { type FsPort, nodeFs, type OpenFile } from "./fs-port.ts";
export { longTexts, mask } from "./mask.ts";
export { readTarget, type Target } from "./read.ts";
export { fingerprint, type WriteOptions, type WriteOutcome, writeTarget } from "./write.ts";
