/**
 * A rule's stream: what became of one file. A fold, not a machine: a rule has nothing to ask for, its next try is the next
 * sync.
 */

export const RULE_VERSION = 3;

/**
 * What a person says to a change by somebody else. `keep`: these values stay as others write them. `take-back`: they are
 * written anew, once, and looked after as before. `stop`: the rule writes its file no more.
 */
export const FILE_ANSWERS = ["keep", "take-back", "stop"] as const;
export type FileAnswer = (typeof FILE_ANSWERS)[number];

/** A value in the file that is ours. */
export type ManagedKey = {
  /** JSON pointer (RFC 6901); an element of a list is named `serverId=acme`. */
  readonly pointer: string;
  /** Keyed digest of the value that was written; null: it was not kept then. */
  readonly digest: string | null;
  /** From 1; null where the format can't tell. */
  readonly line: number | null;
};

/** The version of a secret that a file was rendered from. */
export type Rendered = {
  /** In the store; null: the store did not have it yet. */
  readonly version: number | null;
  /** Milliseconds since the epoch, the store's clock. */
  readonly createdAt: number | null;
  /** Of an enrolment's pair. */
  readonly pair: string | null;
};

/** Whether both are of one secret, wherever it lay. Pure. */
export function isOfOneSecret(one: Rendered | null, other: Rendered | null): boolean {
  if (one === null || other === null || one.pair !== null || other.pair !== null) return one?.pair === other?.pair;
  return one.version === other.version && one.createdAt === other.createdAt;
}

/** What is needed to take the rule's values out of the file once the rule itself is gone. */
export type Leaving = { readonly format: string; readonly mergeKey: string | null };

export type RuleEvent = { readonly at: number; readonly path: string } & (
  | {
      readonly type: "FILE_WRITTEN";
      /** The secret that was rendered; null for a rule without one. */
      readonly secret: string | null;
      /** `sealed`: the store did not have it yet. */
      readonly source: "store" | "sealed" | "template";
      readonly from: Rendered | null;
      readonly keys: readonly ManagedKey[];
      /** Set where the values are to go with the rule. */
      readonly leaving: Leaving | null;
      /** A program is to be run now. */
      readonly post: boolean;
    }
  /**
   * The file says already what the rule wants. `keys`: they are not as they are on record, since a crash came between a
   * write and its record, or the file was so before. `leaving`: the configuration says otherwise than on record. `from`: of
   * another secret than the one on record.
   */
  | {
      readonly type: "FILE_CURRENT";
      readonly keys?: readonly ManagedKey[];
      readonly leaving?: Leaving | null;
      readonly from?: Rendered;
    }
  | { readonly type: "FILE_FAILED"; readonly code: string; readonly message: string; readonly hint: string | null }
  /** Somebody else has changed these managed values; `kept`: and they stay so. */
  | {
      readonly type: "FILE_EDITED";
      readonly keys: readonly string[];
      readonly kept: boolean;
      /** What they had become; of those that were taken out nothing. */
      readonly found?: readonly ManagedKey[];
    }
  /** A person's word on it. */
  | { readonly type: "FILE_ANSWERED"; readonly answer: FileAnswer }
  /**
   * For a rule that keeps others' changes, before each write: a crash behind it must not make ours look like theirs. For one
   * that takes values out again, before a write that brings new ones: they are ours from then on. `leaving`: as in FILE_WRITTEN.
   */
  | { readonly type: "FILE_WRITING"; readonly keys: readonly ManagedKey[]; readonly leaving?: Leaving | null }
  /** Others could read the file, which only its permission bits have changed; octal. */
  | { readonly type: "FILE_NARROWED"; readonly from: string; readonly to: string }
  /** These values were taken out of the file; `left`: somebody else has a part in what is there, so it stays. */
  | {
      readonly type: "FILE_CLEANED";
      readonly why: "rule" | "enrolment" | "secret";
      readonly keys: readonly string[];
      readonly left: readonly string[];
      /** A program is to be run now. */
      readonly post?: true;
    }
  /** The store has no such secret any more; the file stays as it is. */
  | { readonly type: "SECRET_MISSING"; readonly secret: string }
  | { readonly type: "POST_RAN" }
  | { readonly type: "POST_FAILED"; readonly message: string }
);

export interface RuleSnapshot {
  /**
   * `missing`: written once, and its secret is gone from the store. `cleaned`: our values were taken out. `stopped`: a
   * person wants it written no more.
   */
  readonly value: "unknown" | "current" | "failed" | "missing" | "cleaned" | "stopped";
  readonly path: string | null;
  readonly writtenAt: number | null;
  readonly source: "store" | "sealed" | "template" | null;
  readonly failure: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly since: number;
  } | null;
  readonly secret: string | null;
  readonly from: Rendered | null;
  readonly keys: readonly ManagedKey[];
  /** What was about to be written, as long as it is not known what became of it. */
  readonly writing: readonly ManagedKey[] | null;
  readonly leaving: Leaving | null;
  /** The newest change by somebody else. */
  readonly edited: { readonly at: number; readonly keys: readonly string[]; readonly kept: boolean } | null;
  /** A person's word that holds; `keys`: the values that stay as others write them. */
  readonly answer: { readonly given: FileAnswer; readonly at: number; readonly keys: readonly string[] } | null;
  readonly missingSince: number | null;
  /** The program to run after a change: still to be run, or failed. */
  readonly post: { readonly state: "due" | "failed"; readonly at: number; readonly message: string | null } | null;
}

export const initialRule: RuleSnapshot = {
  value: "unknown",
  path: null,
  writtenAt: null,
  source: null,
  failure: null,
  secret: null,
  from: null,
  keys: [],
  writing: null,
  leaving: null,
  edited: null,
  answer: null,
  missingSince: null,
  post: null,
};

/** A snapshot of an older version, as today's fold wants it. Undefined: nothing is recorded yet. */
export function ruleSnapshot(recorded: unknown): RuleSnapshot {
  return { ...initialRule, ...(recorded as Partial<RuleSnapshot> | undefined) };
}

const nothingOurs = { keys: [], writing: null, leaving: null, edited: null, answer: null } as const;

/** The snapshot after the event; null when the event says nothing new and need not be kept. */
export function foldRule(last: RuleSnapshot, event: RuleEvent): RuleSnapshot | null {
  const { path, at } = event;
  // What is ours in one file is nothing in another.
  const before = last.path === null || last.path === path ? last : { ...last, ...nothingOurs };
  switch (event.type) {
    case "FILE_WRITING":
      return {
        ...before,
        path,
        writing: event.keys,
        leaving: event.leaving === undefined ? before.leaving : event.leaving,
      };
    case "FILE_WRITTEN":
      return written(before, event);
    case "FILE_CURRENT":
      return current(before, event);
    case "FILE_FAILED":
      return failed(before, event);
    case "FILE_EDITED":
      if (event.kept && before.edited?.kept && same(before.edited.keys, event.keys)) return null;
      return { ...before, edited: { at, keys: event.keys, kept: event.kept } };
    case "FILE_ANSWERED":
      return answered(before, event);
    case "FILE_NARROWED":
      return { ...before };
    case "FILE_CLEANED":
      return {
        ...before,
        value: "cleaned",
        path,
        failure: null,
        keys: [],
        writing: null,
        edited: null,
        leaving: null,
        post: dueIf(event.post, at),
      };
    case "SECRET_MISSING":
      return before.value === "missing" ? null : { ...before, value: "missing", missingSince: at };
    case "POST_RAN":
      return { ...before, post: null };
    case "POST_FAILED":
      return { ...before, post: { state: "failed", at, message: event.message } };
  }
}

function answered(before: RuleSnapshot, { at, answer: given }: Of<"FILE_ANSWERED">): RuleSnapshot {
  const { answer, edited, value } = before;
  const kept = given === "keep" ? [...new Set([...(answer?.keys ?? []), ...(edited?.keys ?? [])])] : [];
  const after = { ...before, answer: { given, at, keys: kept } };
  if (given === "stop") return { ...after, value: "stopped", keys: [], writing: null, leaving: null, edited: null };
  return value === "stopped" ? { ...after, value: "unknown" } : after;
}

/** A word that has been done. */
function heeded({ answer }: RuleSnapshot): RuleSnapshot["answer"] {
  return answer?.given === "take-back" ? null : answer;
}

/** Which of the changed values stay as somebody else has made them. Pure. */
export function keptOf(edited: readonly string[], onEdit: "overwrite" | "keep", { answer }: RuleSnapshot): string[] {
  if (answer?.given === "take-back") return [];
  return edited.filter((key) => onEdit === "keep" || answer?.keys.includes(key));
}

type Of<T extends RuleEvent["type"]> = Extract<RuleEvent, { type: T }>;

function current(before: RuleSnapshot, { path, keys, leaving, from }: Of<"FILE_CURRENT">): RuleSnapshot | null {
  const isNews =
    keys !== undefined ||
    leaving !== undefined ||
    from !== undefined ||
    before.value !== "current" ||
    before.path !== path ||
    before.writing !== null ||
    heeded(before) !== before.answer;
  if (!isNews) return null;
  return {
    ...before,
    ...settled,
    answer: heeded(before),
    path,
    keys: keys ?? before.keys,
    from: from ?? before.from,
    leaving: leaving === undefined ? before.leaving : leaving,
  };
}

/** A change that was put right is still worth telling; the next one takes its place. */
function written(before: RuleSnapshot, event: Of<"FILE_WRITTEN">): RuleSnapshot {
  const { at, path, source, secret, from, keys, leaving } = event;
  return {
    ...before,
    ...settled,
    answer: heeded(before),
    path,
    writtenAt: at,
    source,
    secret,
    from,
    keys,
    leaving,
    post: dueIf(event.post, at),
  };
}

function dueIf(post: boolean | undefined, at: number): RuleSnapshot["post"] {
  return post ? { state: "due", at, message: null } : null;
}

function failed(before: RuleSnapshot, { at, path, code, message, hint }: Of<"FILE_FAILED">): RuleSnapshot | null {
  const { failure } = before;
  if (failure?.code === code && failure.message === message && before.path === path) return null;
  return { ...before, value: "failed", path, failure: { code, message, hint, since: at } };
}

const settled = { value: "current", failure: null, missingSince: null, writing: null } as const;

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key) => other.includes(key));
}

/** What is on record of a rule's values in a file. */
export type Known = Pick<RuleSnapshot, "keys" | "writing">;

/** Managed values that are not what was written, nor what was about to be: changed or taken away by somebody else. Pure. */
export function editedKeys({ keys, writing }: Known, found: ReadonlyMap<string, string>): string[] {
  const isOurs = ({ pointer, digest }: ManagedKey) => digest === null || found.get(pointer) === digest;
  const meant = new Map(writing?.map((key) => [key.pointer, key]));
  return keys.filter((key) => !isOurs(key) && !isOurs(meant.get(key.pointer) ?? key)).map(({ pointer }) => pointer);
}

/** Whether changes by somebody else may stay in the file. */
export function mayKeep(onEdit: "overwrite" | "keep" | undefined, { answer }: Pick<RuleSnapshot, "answer">): boolean {
  return onEdit === "keep" || (answer !== null && answer.keys.length > 0);
}
