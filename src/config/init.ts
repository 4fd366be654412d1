import { DotvaultError } from "../errors.ts";

/**
 * A commented configuration to begin with: one JFrog platform, kept in the embedded store, and jf's own file. It loads
 * without a problem or a warning. `platformUrl` may lack `https://` and may be a page of the platform: its scheme and
 * host are taken. Throws `config.platform-url`.
 */
export function starterConfig(platformUrl: string): string {
  return template.replace("{{platform}}", () => JSON.stringify(platformOrigin(platformUrl)));
}

function platformOrigin(written: string): string {
  const text = written.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return url.origin;
  throw new DotvaultError("config.platform-url", "this is not the address of a JFrog platform", {
    hint: "say https://mycompany.jfrog.io",
  });
}

const template = `# dotvault's configuration. Check it with: dotvault check

# Credentials that dotvault obtains with you once (dotvault enrol jfrog) and then keeps alive.
enrolments:
  jfrog:
    engine: jfrog
    settings:
      url: {{platform}}
      # How long a token lives. It is rotated when half of that is over.
      # token_ttl: "60d"

# Files that dotvault writes. Of each it touches only the keys named here.
rules:
  - name: jfrog-cli
    description: "jf, JFrog's command line"
    vault_key: "jfrog"
    target:
      path: "~/.jfrog/jfrog-cli.conf.v6"
      format: json
      # Your other servers in this file stay. If one of them is your default, take isDefault out.
      template: |
        {
          "servers": [
            {
              "serverId": "{{ .server_id }}",
              "url": "{{ .url }}/",
              "artifactoryUrl": "{{ .url }}/artifactory/",
              "accessToken": "{{ .access_token }}",
              "user": "{{ .user }}",
              "isDefault": true
            }
          ],
          "version": "6"
        }

# Without this section, credentials are kept sealed on this machine.
# vault:
#   address: "https://vault.example.com:8200"

# How often every file is compared with what is stored, and how often others' new versions are looked for.
# Rotations are written at once.
# sync:
#   interval: "15m"
#   watch: "10s"
`;
