import { readFileSync } from "node:fs";

/** A rule of a policy, one capability of it. */
export interface Rule {
  readonly path: string;
  readonly capability: string;
}

/** The policies that docs/vault.md gives, by name, for this user. */
export function documentedPolicies(user: string): Readonly<Record<string, string>> {
  const page = readFileSync(new URL("../../docs/vault.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```hcl\n(# ([\w-]+)\.hcl[\s\S]*?)```/g)];
  return Object.fromEntries(blocks.map(([, text = "", name = ""]) => [name, text.replaceAll("/ada/", `/${user}/`)]));
}

export function rulesOf(policy: string): Rule[] {
  const rules = [...policy.matchAll(/path "([^"]+)" \{[^\n]*\n\s*capabilities = \[([^\]]*)\]/g)];
  return rules.flatMap(([, path = "", list = ""]) =>
    [...list.matchAll(/"(\w+)"/g)].map(([, capability = ""]) => ({ path, capability })),
  );
}

/** A request that the server has answered, as its audit log has it. */
export interface Audited {
  readonly path: string;
  readonly operation: string;
  readonly error: string;
  readonly policies: readonly string[];
}

/** OpenBao's `file` audit device: the answers. */
export function auditedIn(log: string): Audited[] {
  const entries = readFileSync(log, "utf8").split("\n").filter(Boolean).map(parsed);
  return entries.flatMap((entry) => {
    if (entry.type !== "response") return [];
    const { path = "", operation = "" } = entry.request ?? {};
    return [{ path, operation, error: entry.error ?? "", policies: entry.auth?.policies ?? [] }];
  });
}

interface Entry {
  readonly type?: string;
  readonly error?: string;
  readonly auth?: { readonly policies?: readonly string[] };
  readonly request?: { readonly path?: string; readonly operation?: string };
}

function parsed(line: string): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    // The last line may still be in the writing.
    return {};
  }
}

export function allows({ path, capability }: Rule, request: Audited): boolean {
  const covers = path.endsWith("*") ? request.path.startsWith(path.slice(0, -1)) : request.path === path;
  return covers && request.operation === capability;
}
