import { longTexts, maskedDiff, readTarget } from "../../adapters/files/index.ts";
import { type SecretStore, StoreFailure } from "../../adapters/store-port.ts";
import type { Claim, PreviewDeps } from "../../agent/rule-file/deps.ts";
import { writtenTexts } from "../../agent/rule-file/keys.ts";
import { previewRule, unmake } from "../../agent/rule-file/make.ts";
import { bringsRefreshToken, seenBy } from "../../agent/rule-file/render.ts";
import { type FileRule, formerRule } from "../../agent/rule-file/rule.ts";
import { DotvaultError } from "../../errors.ts";
import { initialRule, type ManagedKey, type RuleSnapshot } from "../../machines/rule/rule.ts";
import type { Io } from "../cli/io.ts";

export interface PreviewGiven {
  readonly store: SecretStore;
  readonly io: Io;
  /** All rules of the configuration. */
  readonly rules: readonly FileRule[];
  /** What the journal knows of rules, by their names. */
  readonly recorded: ReadonlyMap<string, RuleSnapshot>;
  /** What the templates of a secret see beside its fields. */
  readonly beside: (
    secret: string | undefined,
    fields: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
  readonly deps: Omit<PreviewDeps, "claims">;
}

/** What a sync would make of the files, rule after rule; nothing is written. */
export class Preview {
  readonly #given: PreviewGiven;
  readonly #deps: PreviewDeps;
  /** Of files for which an earlier rule has a change, as they would be then; null: gone. */
  readonly #texts = new Map<string, string | null>();
  /** What would be a rule's in its file. */
  readonly #keys = new Map<string, readonly ManagedKey[]>();

  constructor(given: PreviewGiven) {
    this.#given = given;
    this.#deps = { ...given.deps, claims: (rule) => this.#claims(rule) };
  }

  /** @returns false when the rule can't be rendered */
  show(rule: FileRule): Promise<boolean> {
    return this.#told(rule, () => this.#show(rule));
  }

  /**
   * A rule that is configured no more, or for another file: what it has written is taken out where it said so.
   *
   * @returns false when that can't be done
   */
  showFormer(name: string): Promise<boolean> {
    const known = this.#known(name);
    const former = formerRule(name, known);
    if (!former) return Promise.resolve(true);
    return this.#told(former, async () => {
      const text = await this.#text(former.path);
      const { content } = await unmake(former, known, text, this.#deps);
      if (content === undefined || content === text) return;
      const what = content === null ? "would go" : "would lose its values";
      this.#say(
        "!",
        name,
        `${former.path} ${what}: the rule is not configured ${this.#isMoved(name) ? "for it" : "any more"}`,
      );
      await this.#change(former, text, content);
    });
  }

  async #show(rule: FileRule): Promise<void> {
    const { store, beside } = this.#given;
    const found = rule.secret === undefined ? undefined : await store.read(rule.secret);
    if (found?.state === "absent") return this.#say("○", rule.name, `no secret "${rule.secret}" yet`);
    const { fields: stored = {} } = found ?? {};
    const fields = seenBy(rule, { fields: stored, beside: beside(rule.secret, stored) });
    const text = await this.#text(rule.path);
    const { content, keys } = await previewRule(rule, this.#known(rule.name), { fields, text }, this.#deps);
    this.#keys.set(rule.name, keys);
    if (await bringsRefreshToken(rule, this.#deps.environment, fields)) {
      this.#say("!", rule.name, `${rule.path} holds a refresh token: a program that uses it spends the pair`);
    }
    if (content === undefined || content === text) return this.#say("✓", rule.name, `${rule.path} is current`);
    this.#say("!", rule.name, `${rule.path} would change`);
    await this.#change(rule, text, content);
  }

  async #change(rule: FileRule, before: string | undefined, after: string | null): Promise<void> {
    this.#texts.set(rule.path, after);
    const diff = maskedDiff(before, after ?? "", await this.#secretsAround(rule, before ?? ""));
    this.#given.io.out.write(`--- ${rule.path}\n+++ ${after === null ? "/dev/null" : rule.path}\n${diff}`);
  }

  async #text(path: string): Promise<string | undefined> {
    const changed = this.#texts.get(path);
    return changed === undefined ? (await readTarget(path)).content : (changed ?? undefined);
  }

  /** Rules before this one have had their turn in this preview; of the others the journal tells. */
  #claims({ name, path }: Pick<FileRule, "name" | "path">): Claim[] {
    const own = this.#given.rules.findIndex((rule) => rule.name === name);
    return this.#given.rules.flatMap((rule, i) => {
      if (rule.path !== path || i === own) return [];
      const known = this.#known(rule.name);
      const keys = this.#keys.get(rule.name) ?? (known.path === path ? known.keys : []);
      const kept = known.path === path ? (known.answer?.keys ?? []) : [];
      return [{ rule: rule.name, keys, earlier: i < own, kept }];
    });
  }

  #known(rule: string): RuleSnapshot {
    return this.#given.recorded.get(rule) ?? initialRule;
  }

  #isMoved(name: string): boolean {
    return this.#given.rules.some((rule) => rule.name === name);
  }

  /** The diff shows lines of the file's other rules, too: what they write, and have written, is masked as well. */
  async #secretsAround(shown: FileRule, text: string): Promise<string[]> {
    const { rules, store } = this.#given;
    const beside = [shown, ...rules.filter((rule) => rule.path === shown.path && rule.name !== shown.name)];
    const secrets = [...new Set(beside.flatMap(({ secret }) => secret ?? []))];
    const found = await Promise.all(secrets.map((name) => store.read(name)));
    const written = await Promise.all(beside.map((rule) => writtenTexts(rule, this.#known(rule.name), text)));
    return longTexts([...found.map((each) => (each.state === "present" ? each.fields : {})), ...written]);
  }

  async #told({ name }: FileRule, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof DotvaultError || error instanceof StoreFailure)) throw error;
      this.#say("✗", name, `${error.message}${error.hint === undefined ? "" : `\n  ${error.hint}`}`);
      return false;
    }
  }

  #say(sign: string, rule: string, what: string): void {
    this.#given.io.err.write(`${sign} ${rule}: ${what}\n`);
  }
}
