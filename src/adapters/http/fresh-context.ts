import type { SecureContext } from "node:tls";
import { stampOf } from "./pem.ts";
import { type TlsFiles, trustedContext } from "./trust.ts";

/**
 * The secure context of files that may be replaced at any time (certificates of a day's life are): looked at before each
 * request, built again when one has changed. As long as what replaced them can't be used (a certificate is there and its key
 * is not yet), the old context serves on.
 */
export class FreshContext {
  readonly #files: TlsFiles;
  #stamp: string | undefined;
  #context: SecureContext | undefined;

  constructor(files: TlsFiles) {
    this.#files = files;
  }

  /** @throws TrustProblem when there has never been one that could be used */
  now(): SecureContext {
    const { caFile, caDirectory, certFile, keyFile } = this.#files;
    const stamp = stampOf([caFile, certFile, keyFile], caDirectory);
    if (this.#context === undefined || stamp !== this.#stamp) this.#context = this.#built();
    this.#stamp = stamp;
    return this.#context;
  }

  #built(): SecureContext {
    try {
      return trustedContext(this.#files);
    } catch (error) {
      if (this.#context === undefined) throw error;
      return this.#context;
    }
  }
}
