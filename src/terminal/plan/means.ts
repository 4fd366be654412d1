/** When a changed setting makes itself felt. */
export type When = "restart" | "now" | "next-write" | "next-rotation" | "next-sign-in" | "never";

/** What a changed setting is about, beside its values. */
export interface Means {
  readonly when: When;
  /** What it says, for people; empty where the values speak for themselves. */
  readonly words: string;
}

const means = (when: When, words = ""): Means => ({ when, words });

/** Of `vault`. What becomes of the login and of the place where secrets are looked for is told beside it. */
const VAULT: Readonly<Record<string, Means>> = {
  address: means("restart", "the server that is spoken to"),
  addresses: means("restart", "tried in turn where one fails"),
  auth_method: means("restart"),
  auth_mount: means("restart"),
  auth_role: means("restart"),
  namespace: means("restart"),
  role_id_file: means("restart"),
  secret_id_file: means("restart", "read at each login"),
  secret_id_wrapping_path: means("restart", "asked for at each login"),
  jwt_file: means("restart", "read at each login"),
  jwt_env: means("restart", "read at each login"),
  jwt_command: means("restart", "run at each login"),
  username: means("restart"),
  password_file: means("restart", "read at each login"),
  wrapped_token_file: means("restart", "read at each login"),
  oidc_callback_port: means("restart", "where the browser comes back to at a login"),
  kv_mount: means("restart"),
  user_prefix: means("restart"),
  ca_cert: means("restart", "whom Vault's certificate has to come from"),
  ca_path: means("restart", "whom Vault's certificate has to come from"),
  tls_server_name: means("restart", "the name that Vault's certificate has to have"),
  client_cert: means("restart", "shown to Vault with every request"),
  client_key: means("restart", "goes with vault.client_cert"),
  tls_skip_verify: means("restart", "whether Vault's certificate is checked at all"),
  policies: means("restart", "what a login's token is narrowed to"),
  token_role: means("restart", "what a login's token is narrowed by"),
  no_default_policy: means("restart", "what a login's token is narrowed to"),
  disable_token_renewal: means("restart", "whether the token gets more time"),
};

const GENERAL: Readonly<Record<string, Means>> = {
  bypass_system_config: means("never", "whether --config may name another file; the agent does nothing else by it"),
  "sync.interval": means("now", "so often all files are compared"),
  "sync.watch": means("now", "so often the store is asked for new versions, at least every sync.interval"),
  "journal.retention": means("now", "so long the history is kept"),
  "journal.key": means("never", "the key stays where it is; dotvault journal rekey makes the next one there"),
};

/** What a file would get is told beside it. */
const RULE: Readonly<Record<string, Means>> = {
  description: means("never", "says nothing to the file"),
  vault_key: means("now", "another secret is rendered"),
  post: means("next-write", "run after the file has changed"),
  "target.path": means("now"),
  "target.format": means("now"),
  "target.template": means("now"),
  "target.merge_key": means("now"),
  "target.delete_nulls": means("now"),
  "target.managed": means("now", "strict: what is no longer rendered is taken out"),
  "target.on_remove": means("next-write", "what becomes of its values when the rule or its enrolment goes"),
  "target.on_missing": means("now", "what becomes of its values when the secret is gone"),
  "target.on_edit": means("now", "what becomes of values that somebody else changes"),
  "target.mode": means("now", "an existing file is only ever narrowed"),
  "target.backup": means("next-write", "older versions of the file that are kept beside it"),
};

const ENROLMENT: Readonly<Record<string, Means>> = {
  engine: means("now", "somebody else issues its credential"),
  help_text: means("now", "shown to who enrols"),
};

type Settings = Readonly<Record<string, Means | { readonly [R in "refresh" | "remint"]: Means }>>;

/** With a token that is asked for anew: JFrog's refresh grant carries on what the last one was given. */
const asked = { refresh: means("next-sign-in"), remint: means("next-rotation") };

/** By engine. What a key says of rotation, host, scope, audience and life is told beside it. */
const SETTINGS: Readonly<Record<string, Settings>> = {
  jfrog: {
    url: means("now"),
    token_ttl: asked,
    client_name: means("next-sign-in", "shown on JFrog's consent page"),
    client_code: means("next-sign-in", "shown on JFrog's consent page"),
    rotation: means("now"),
    scope: asked,
    audience: asked,
    description: asked,
    project_key: asked,
    force_revocable: asked,
    reference_token: means("next-rotation"),
    username: asked,
    platforms: means("now", "each is shown the token"),
    trusted_certificates: means("now", "what has to vouch for the token"),
    login: means("next-sign-in", "where its first token comes from"),
  },
  sshkey: {
    comment: means("next-sign-in", "stands behind the public key of the next pair"),
    passphrase: means("next-sign-in", "the next private key is encrypted with it"),
  },
};

export type Place =
  | { readonly section: "vault" | "general" | "rules" }
  | { readonly section: "enrolments"; readonly engine: string; readonly rotation: "refresh" | "remint" };

/** Undefined: nobody has said what the key means. */
export function meaningOf(key: string, place: Place): Means | undefined {
  switch (place.section) {
    case "vault":
      return VAULT[key];
    case "general":
      return GENERAL[key];
    case "rules":
      return RULE[key];
    case "enrolments": {
      if (!key.startsWith("settings.")) return ENROLMENT[key];
      const found = SETTINGS[place.engine]?.[key.slice("settings.".length)];
      return found !== undefined && "refresh" in found ? found[place.rotation] : found;
    }
  }
}
