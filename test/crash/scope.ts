import type { Scope } from "../support/agent-process.ts";

/** What node:test gives a test: ends that are called in reverse order. */
export function openScope(): Scope & { passed: boolean; close(): Promise<void> } {
  const ends: (() => unknown)[] = [];
  return {
    passed: true,
    after: (end) => void ends.push(end),
    async close() {
      for (const end of ends.reverse()) await end();
    },
  };
}
