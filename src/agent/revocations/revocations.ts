import type { Fields, RevokeResult } from "../../adapters/engines/port.ts";
import type { InboxRow, JsonObject, OpenIntent } from "../../journal/port.ts";
import { backoff } from "../../machines/backoff.ts";
import { credentialIds } from "../../machines/enrolment/context.ts";
import {
  foldRevocations,
  REVOCATIONS_VERSION,
  REVOKE_TOKEN,
  type RevocationEvent,
  revocationsSnapshot,
} from "../../machines/revocations/revocations.ts";
import { REVOCATIONS, streamOf } from "../../machines/stream/names.ts";
import type { Actors } from "../actors.ts";
import { codeOf } from "../loop.ts";
import type { Enrolment, World } from "../ports.ts";
import { ownFields } from "../secret.ts";

type WithoutTime<E> = E extends unknown ? Omit<E, "at"> : never;
type NewEvent = WithoutTime<RevocationEvent>;

/** Revokes tokens that a person has named, with the credential in use. Never that one itself. */
export class Revocations {
  readonly #world: World;
  readonly #actors: Actors;
  readonly #enrolments: ReadonlyMap<string, Enrolment>;
  readonly #abort = new AbortController();
  readonly #underWay = new Set<string>();
  #walk: Promise<void> = Promise.resolve();

  /** @param enrolments by their own streams */
  constructor(world: World, actors: Actors, enrolments: ReadonlyMap<string, Enrolment>) {
    this.#world = world;
    this.#actors = actors;
    this.#enrolments = enrolments;
  }

  /** Takes a person's request: an intent for each token. */
  take({ name }: Enrolment, { id, args }: InboxRow): void {
    const { journal, clock } = this.#world;
    const asked = Array.isArray(args.tokens) ? args.tokens.filter((each) => typeof each === "string") : [];
    const stream = REVOCATIONS + name;
    const open = new Set(journal.openIntents(stream).map(({ subject }) => subject));
    const tokens = [...new Set(asked)].filter((tokenId) => !open.has(tokenId));
    const version = journal.head(stream)?.version ?? 0;
    const intents = tokens.map((tokenId, index) => {
      const begun = { kind: REVOKE_TOKEN, subject: tokenId, params: { tokenId }, once: false, dueAt: clock.now() };
      return { id: `${stream}#${version + 1}.${index}`, ...begun };
    });
    this.#append(name, { type: "REVOCATION_ASKED", tokens: asked }, { intents, takes: id });
    this.perform();
  }

  /** Performs what is due, behind everything else; called at every beat. */
  perform(): void {
    const { journal, clock } = this.#world;
    for (const intent of journal.openIntents().filter(({ kind }) => kind === REVOKE_TOKEN)) {
      const enrolment = this.#enrolments.get(streamOf(intent.stream.slice(REVOCATIONS.length)));
      if (!enrolment?.engine.revokeToken || intent.dueAt > clock.now() || this.#underWay.has(intent.id)) continue;
      this.#underWay.add(intent.id);
      this.#walk = this.#walk.then(() => this.#one(enrolment, intent));
    }
  }

  async settled(): Promise<void> {
    await this.#walk;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#walk;
  }

  async #one(enrolment: Enrolment, intent: OpenIntent): Promise<void> {
    const { signal } = this.#abort;
    try {
      if (!signal.aborted) await this.#revoke(enrolment, intent);
    } catch (error) {
      if (!signal.aborted) this.#setAside(intent, error);
    } finally {
      this.#underWay.delete(intent.id);
    }
  }

  async #revoke({ name, engine }: Enrolment, intent: OpenIntent): Promise<void> {
    const tokenId = intent.subject;
    const { world, closes } = { world: this.#world, closes: intent.id };
    const keep = (kind: string, message: string) =>
      this.#append(name, { type: "TOKEN_KEPT", tokenId, class: kind, message }, { closes });
    if (this.#isInUse(tokenId)) return keep("token.in-use", "it is the credential in use");
    const found = await world.store.read(name, this.#abort.signal);
    if (found.state === "absent") return keep("token.no-secret", "there is no credential to revoke it with");
    const fields: Fields = ownFields(engine, found.fields);
    if (engine.describe(fields).tokenId === tokenId) return keep("token.in-use", "it is the credential in use");
    const result = (await engine.revokeToken?.(fields, tokenId, this.#abort.signal)) as RevokeResult;
    if (result.kind === "revoked") this.#append(name, { type: "TOKEN_REVOKED", tokenId, how: result.how }, { closes });
    else if (result.kind === "refused") keep(result.class, result.message);
    else this.#postpone(intent, result);
  }

  /** By whatever enrolment: several may be of one user, who may revoke the tokens of all. */
  #isInUse(tokenId: string): boolean {
    const enrolments = this.#actors.known();
    return enrolments.some((stream) => credentialIds(this.#actors.snapshot(stream).context).includes(tokenId));
  }

  /** A journal that takes nothing just now leaves the row as it is: the next beat finds it due. */
  #setAside(intent: OpenIntent, error: unknown): void {
    try {
      this.#postpone(intent, { class: codeOf(error), message: "the token could not be revoked yet" });
    } catch (again) {
      this.#world.log.error({ intent: REVOKE_TOKEN, code: codeOf(again) }, "a revocation could not be set aside");
    }
  }

  #postpone(
    { id, attempt }: OpenIntent,
    { class: kind, message }: { readonly class: string; readonly message: string },
  ) {
    const { journal, clock, random, log } = this.#world;
    const now = clock.now();
    log.warn({ intent: REVOKE_TOKEN, class: kind }, message);
    journal.reschedule(id, {
      dueAt: now + backoff({ attempt, random: random() }),
      attempt: attempt + 1,
      phase: "open",
      failure: { class: kind, message, since: now, at: now },
    });
  }

  #append(name: string, event: NewEvent, rest: object): void {
    const { journal, clock, log } = this.#world;
    const stream = REVOCATIONS + name;
    const head = journal.head(stream);
    const dated = { ...event, at: clock.now() } as RevocationEvent;
    const after = foldRevocations(revocationsSnapshot(head?.snapshot), dated);
    journal.append({
      stream,
      expectedVersion: head?.version ?? 0,
      machineVersion: REVOCATIONS_VERSION,
      event: dated as unknown as JsonObject & { type: string; at: number },
      state: after.value,
      snapshot: after as unknown as JsonObject,
      ...rest,
    });
    log.info({ stream, event: event.type }, "revocation");
  }
}
