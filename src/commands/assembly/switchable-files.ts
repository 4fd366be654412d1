import type { FileSync, SyncReport } from "../../agent/ports.ts";
import type { RuleSync } from "../../agent/rules.ts";

/** The rules of the configuration that holds now. */
export class SwitchableFiles implements Required<FileSync> {
  now: RuleSync | undefined;
  #listener: () => void = () => {};

  readonly news = (): void => this.#listener();

  onNews(listener: () => void): void {
    this.#listener = listener;
  }

  wants(secret: string): boolean {
    return this.now?.wants?.(secret) ?? false;
  }

  hurry(): void {
    this.now?.hurry?.();
  }

  async settled(): Promise<void> {
    await this.now?.settled?.();
  }

  async sync(...args: Parameters<FileSync["sync"]>): Promise<SyncReport> {
    return this.now?.sync(...args) ?? { written: [], failed: [], passing: false };
  }

  async missing(...args: Parameters<FileSync["missing"]>): Promise<SyncReport> {
    return this.now?.missing(...args) ?? { written: [], failed: [], passing: false };
  }

  answer(...args: Parameters<RuleSync["answer"]>): Promise<void> | undefined {
    return this.now?.answer(...args);
  }

  async untouched(secret: string): Promise<boolean> {
    return this.now?.untouched(secret) ?? false;
  }

  together<T>(pass: () => Promise<T>): Promise<T> {
    return this.now?.together(pass) ?? pass();
  }
}
