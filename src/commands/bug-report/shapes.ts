import { ASK_CODES } from "../../machines/enrolment/context.ts";
import { INTENT_RULES } from "../../machines/enrolment/intents.ts";
import {
  alias,
  failureClass,
  flag,
  list,
  nullable,
  number,
  oneOf,
  present,
  record,
  type Shape,
  size,
} from "../../machines/history/shapes.ts";
import { FILE_ANSWERS } from "../../machines/rule/rule.ts";
import { LEVELS, SITUATIONS } from "../../terminal/status/report.ts";

/** What a bug report may say of the configuration, of how things stand and of the machine. There is no shape for free text. */

/** RFC 3339, UTC. */
const time: Shape = (value) => (value instanceof Date ? value.toISOString() : null);

const FORMATS = ["json", "yaml", "text", "ini", "netrc", "ssh_config", "toml"];
const keepOr = (other: string) => oneOf(["keep", other]);

/** Scheme and host alone: a path may hold a session, a user's part a password. */
const origin: Shape = (value, aliases) => {
  const url = typeof value === "string" ? URL.parse(value) : null;
  return url === null ? null : aliases.of("origin", url.origin);
};

export const configuration = record({
  vault: record({
    address: origin,
    moreAddresses: size,
    authMethod: oneOf(["token", "approle", "jwt", "kubernetes", "userpass", "ldap", "oidc", "cert"]),
    login: present,
    namespace: present,
    tls: record({ caCert: present, caPath: present, serverName: present, clientCert: present, skipVerify: flag }),
    policies: size,
    noDefaultPolicy: flag,
    disableTokenRenewal: flag,
  }),
  sync: record({ intervalMs: number, watchMs: number }),
  journal: record({ retentionMs: number, key: oneOf(["auto", "file", "keyring"]) }),
  enrolments: list(
    record({
      key: alias("name"),
      engine: oneOf(["jfrog", "sshkey", "github"]),
      settings: record({
        url: origin,
        tokenTtlMs: number,
        rotation: oneOf(["refresh", "remint"]),
        passphrase: present,
      }),
    }),
  ),
  rules: list(
    record({
      name: alias("rule"),
      vaultKey: alias("name"),
      post: present,
      target: record({
        path: alias("path"),
        format: oneOf(FORMATS),
        template: size,
        mergeKey: present,
        deleteNulls: flag,
        strict: flag,
        onRemove: keepOr("remove"),
        onMissing: keepOr("remove"),
        onEdit: keepOr("overwrite"),
        mode: number,
        backups: number,
      }),
    }),
  ),
});

const retry = record({
  step: oneOf(Object.keys(INTENT_RULES)),
  class: failureClass,
  tries: number,
  since: time,
  nextAt: time,
});

export const standing = record({
  health: oneOf(["healthy", "trouble", "person-needed"]),
  agent: record({ running: flag, since: time }),
  configuration: record({ state: oneOf(["current", "invalid", "missing"]), problems: number }),
  asOf: time,
  troubles: list(record({ about: oneOf(["store", "key"]), level: oneOf(LEVELS), class: failureClass, since: time })),
  enrolments: list(
    record({
      name: alias("name"),
      engine: oneOf(["jfrog", "sshkey", "github"]),
      level: oneOf(LEVELS),
      situation: oneOf(SITUATIONS),
      changedAt: time,
      expiresAt: time,
      rotatesAt: time,
      rotatedAt: time,
      againAt: time,
      refreshable: flag,
      storedVersion: number,
      ask: nullable(record({ code: oneOf(ASK_CODES), since: time })),
      doubt: nullable(record({ cause: oneOf(["lost", "refused", "restored"]), since: time, presentations: number })),
      retries: list(retry),
      cleanups: list(record({ why: oneOf(["bootstrap", "superseded", "unenrolled", "orphan"]), since: time })),
      clockSkewSeconds: number,
      notices: size,
    }),
  ),
  files: list(
    record({
      name: alias("rule"),
      secret: alias("name"),
      state: oneOf(["unknown", "current", "failed", "missing", "cleaned", "stopped"]),
      level: oneOf(LEVELS),
      writtenAt: time,
      failure: nullable(record({ code: failureClass, since: time })),
      edited: nullable(record({ at: time, keys: size, kept: flag })),
      answer: nullable(record({ given: oneOf(FILE_ANSWERS), at: time, keys: size })),
      post: nullable(record({ state: oneOf(["due", "failed"]), at: time })),
    }),
  ),
});

export const findings = list(
  record({
    about: oneOf(["config", "journal", "key", "agent", "proxy", "store", "clock", "service", "file"]),
    verdict: oneOf(["good", "warning", "bad"]),
  }),
);

export const journal = nullable(
  record({
    chain: oneOf(["verified", "broken", "unchecked"]),
    events: record({ readable: number, first: number, last: number }),
    compacted: number,
    streams: number,
    secrets: record({ kept: number, opened: number }),
    ok: flag,
    problems: list(record({ code: failureClass, seq: number })),
  }),
);
