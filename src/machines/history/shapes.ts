import type { SecretRef } from "../stream/secret-ref.ts";
import type { Aliases } from "./aliases.ts";
import { isClass } from "./classes.ts";

/** JSON, as far as a history is concerned. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What may leave the machine of one value. A shape lets through what it knows and nothing else: there is none for free text,
 * so that no token, session or address can be in an exported history, whatever an event holds.
 */
export type Shape = (value: unknown, aliases: Aliases) => Json;

export const number: Shape = (value) => (typeof value === "number" ? value : null);
export const flag: Shape = (value) => (typeof value === "boolean" ? value : null);

/**
 * Words of other people (services, proxies, a person's own names): never, but for whether they are the same: some decisions turn
 * on that.
 */
export const words: Shape = (value, aliases) =>
  typeof value === "string" && value !== "" ? aliases.of("words", value) : "";
export const noWords: Shape = () => null;

export function oneOf(known: readonly string[]): Shape {
  return (value) => (typeof value === "string" && known.includes(value) ? value : "other");
}

/** A failure's stable class: `jfrog.refused.404`. */
export const failureClass: Shape = (value) => (typeof value === "string" && isClass(value) ? value : "other");

export type Identifying =
  | ("secret" | "digest" | "token" | "user" | "origin" | "machine" | "label" | "rule")
  | ("scope" | "audience" | "name" | "pointer" | "path" | "identity" | "server" | "certificate" | "key");

/** That it is there, and nothing else of it. */
export const present: Shape = (value) => value !== undefined && value !== null;

/** How long it is. */
export const size: Shape = (value) => (typeof value === "string" || Array.isArray(value) ? value.length : null);

/** The same value has the same alias everywhere in the document, so that comparisons come out as they did. */
export function alias(what: Identifying): Shape {
  return (value, aliases) => (typeof value === "string" ? aliases.of(what, value) : null);
}

/**
 * `{label} #{time}`: the mark on a minted token. The time stays where it is that of an event of this very document: then it says
 * nothing that is not there already.
 */
export const description: Shape = (value, aliases) => {
  if (typeof value !== "string") return null;
  const [, label = value, time = ""] = /^(.*) #([0-9a-z]+)$/s.exec(value) ?? [];
  return aliases.knowsTime(time) ? `${aliases.of("label", label)} #${time}` : aliases.of("label", value);
};

export function nullable(shape: Shape): Shape {
  return (value, aliases) => (value === null ? null : shape(value, aliases));
}

export function list(shape: Shape): Shape {
  return (value, aliases) => (Array.isArray(value) ? value.map((item: unknown) => shape(item, aliases)) : []);
}

/** Only the members that are named; one that is absent stays so. */
export function record(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, aliases) => {
    if (typeof value !== "object" || value === null) return null;
    const found = value as Readonly<Record<string, unknown>>;
    const members = Object.entries(shapes).filter(([name]) => Object.hasOwn(value, name) && found[name] !== undefined);
    return Object.fromEntries(members.map(([name, shape]) => [name, shape(found[name], aliases)]));
  };
}

export type Rows<T, Without extends string = never> = { readonly [Name in Exclude<keyof T, Without>]-?: Shape };

/** All members of a type: one without a row does not compile. */
export const whole = <T>(rows: Rows<T>): Shape => record(rows as unknown as Record<string, Shape>);

export const ref = whole<SecretRef>({
  id: alias("secret"),
  kind: oneOf(["session", "bootstrap", "pair", "vaultToken", "wrapped", "pkce"]),
  digest: alias("digest"),
});

type Members = Readonly<Record<string, Shape>>;

/** What may leave the machine of one kind of stream. */
export interface Allowed {
  readonly events: Readonly<Record<string, Members>>;
  /** Members that any event may have. */
  readonly common: Members;
  readonly intents: Readonly<Record<string, { readonly subject: Shape; readonly params: Members }>>;
  readonly state: Shape;
  readonly wakes: readonly string[];
  readonly snapshot: Shape;
}

type Named = { readonly states?: Readonly<Record<string, Named>> };

/** A state's value, by the names of the machine's states. */
export function stateOf(machine: Named): Shape {
  const names = new Set(namesOf(machine));
  const known = (name: string) => (names.has(name) ? name : "other");
  const shape: Shape = (value, aliases) => {
    if (typeof value === "string") return known(value);
    if (typeof value !== "object" || value === null) return "other";
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [known(name), shape(inner, aliases)]));
  };
  return shape;
}

function namesOf(node: Named): string[] {
  return Object.entries(node.states ?? {}).flatMap(([name, inner]) => [name, ...namesOf(inner)]);
}
