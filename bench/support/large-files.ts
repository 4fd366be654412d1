import type { FormatName } from "../../src/adapters/files/index.ts";

/** One thing to manage in each format: what a rule's template renders. */
export const RENDERED: Readonly<Record<FormatName, string>> = {
  json: '{"auths": {"ours": {"auth": "new"}}}',
  yaml: "auths:\n  ours:\n    auth: new\n",
  toml: '[auths.ours]\nauth = "new"\n',
  ini: "[ours]\nauth = new\n",
  netrc: "machine ours.example.com login ada password new\n",
  ssh_config: "Host ours\n    User new\n",
  text: "new\n",
};

const ONE: Readonly<Record<FormatName, (n: number) => string>> = {
  json: (n) => `    "host-${n}.example.com": { "auth": "YWRhOnNlY3JldC0${n}", "email": "ada@example.com" }`,
  yaml: (n) =>
    `  host-${n}.example.com:\n    # number ${n}\n    auth: "YWRhOnNlY3JldC0${n}"\n    email: ada@example.com\n`,
  toml: (n) => `[auths.host-${n}]\n# number ${n}\nauth = "YWRhOnNlY3JldC0${n}"\nemail = 'ada@example.com'\n\n`,
  ini: (n) => `[host-${n}]\n; number ${n}\nauth = YWRhOnNlY3JldC0${n}\nemail = ada@example.com\n\n`,
  netrc: (n) => `machine host-${n}.example.com\n  login ada\n  password secret-${n}\n`,
  ssh_config: (n) => `# number ${n}\nHost host-${n}\n    HostName host-${n}.example.com\n    User ada\n\n`,
  text: (n) => `line ${n} of a text that is somebody's\n`,
};

/** A valid file of at most so many bytes (ASCII), as a person with thousands of hosts would have it. */
export function largeFile(format: FormatName, bytes: number): string {
  const [head, tail, between] =
    format === "json" ? ['{\n  "auths": {\n', "\n  }\n}\n", ",\n"] : [HEAD[format] ?? "", "", ""];
  const parts: string[] = [];
  let size = head.length + tail.length;
  for (let n = 0; ; n++) {
    const part = ONE[format](n);
    size += part.length + between.length;
    if (size > bytes) return `${head}${parts.join(between)}${tail}`;
    parts.push(part);
  }
}

const HEAD: Partial<Record<FormatName, string>> = { yaml: "auths:\n" };
