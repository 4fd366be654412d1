import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import type { Switches } from "../../src/simulator/switches.ts";
import type { User } from "../../src/simulator/users.ts";
import type { Scope } from "./agent-process.ts";

/** A platform whose tokens of less than six hours are not revocable, as JFrog's are, but are listed. */
export async function startMember(
  t: Scope,
  switches: Partial<Switches> = {},
  users?: readonly User[],
): Promise<Simulator> {
  const platform = await startSimulator({
    switches: { autoApprove: "ada", storedFromSeconds: 0, ...switches },
    ...(users && { users }),
  });
  t.after(() => platform.close());
  return platform;
}

/** All trust all. */
export function joinCircle(...members: readonly Simulator[]): void {
  for (const member of members) {
    for (const other of members) if (other !== member) member.trust(other.rootCertificate);
  }
}

/** One rule that renders every platform that accepts the token. */
export function circleRule(path = "~/.jfrog/jfrog-cli.conf.v6"): object {
  const server = [
    `"serverId": {{ toJson .server_id }}`,
    `"url": "{{ .url }}/"`,
    `"artifactoryUrl": "{{ .url }}/artifactory/"`,
    `"accessToken": {{ toJson $.access_token }}`,
    `"user": {{ toJson $.user }}`,
  ].join(", ");
  const each = `{{ range $i, $p := .platforms }}{{ if .accepted }}{{ if $i }}, {{ end }}{ ${server} }{{ end }}{{ end }}`;
  const template = `{ "servers": [${each}], "version": "6" }`;
  return { name: "jf", vault_key: "jfrog", target: { path, format: "json", managed: "strict", template } };
}

export function circleWish(issuer: Simulator, settings: object = {}): object {
  return {
    sync: { interval: "1s" },
    enrolments: { jfrog: { engine: "jfrog", settings: { url: issuer.url, token_ttl: "5h", ...settings } } },
    rules: [circleRule()],
  };
}
