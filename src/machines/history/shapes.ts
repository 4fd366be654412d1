import type { Aliases } from "./aliases.ts";

/** JSON, as far as a history is concerned. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What may leave the machine of one value. A shape lets through what it knows and nothing else: there is none for free text,
 * so that no token, session or address can be in an exported history, whatever an event holds.
 */
export type Shape = (value: unknown, aliases: Aliases) => Json;

export const number: Shape = (value) => (typeof value === "number" ? value : null);
export const flag: Shape = (value) => (typeof value === "boolean" ? value : null);

/** Words of other people (services, proxies, a person's own names): never. */
export const words: Shape = () => "";
export const noWords: Shape = () => null;

export function oneOf(known: readonly string[]): Shape {
  return (value) => (typeof value === "string" && known.includes(value) ? value : "other");
}

/** Who names failures: a token of Vault, say, begins with a word and a dot, too. */
const NAMERS = [
  ...[
    "jfrog",
    "github",
    "sshkey",
    "net",
    "store",
    "vault",
    "agent",
    "files",
    "template",
    "key",
    "seal",
    "secret",
    "journal",
  ],
  ...["engine", "token", "config", "machine", "history", "service", "circle", "usage"],
];
const CLASS = /^([a-z]{1,16})(\.[A-Za-z][A-Za-z0-9-]{0,23}|\.[1-5][0-9]{2}){1,3}$/;

/** A failure's stable class: `jfrog.refused.404`. Too short and too plain for a secret to pass as one. */
export const failureClass: Shape = (value) => {
  const [, namer = ""] = (typeof value === "string" && CLASS.exec(value)) || [];
  return NAMERS.includes(namer) ? (value as string) : "other";
};

type Identifying =
  | ("secret" | "digest" | "token" | "user" | "origin" | "machine" | "label" | "rule")
  | ("scope" | "audience" | "name" | "pointer" | "path");

/** That it is there, and nothing else of it. */
export const present: Shape = (value) => value !== undefined && value !== null;

/** How long it is. */
export const size: Shape = (value) => (typeof value === "string" || Array.isArray(value) ? value.length : null);

/** The same value has the same alias everywhere in the document, so that comparisons come out as they did. */
export function alias(what: Identifying): Shape {
  return (value, aliases) => (typeof value === "string" ? aliases.of(what, value) : null);
}

/** `{label} #{time}`: the mark on a minted token. */
export const description: Shape = (value, aliases) => {
  if (typeof value !== "string") return null;
  const [, label = value, time = ""] = /^(.*)( #[0-9a-z]{1,12})$/s.exec(value) ?? [];
  return aliases.of("label", label) + time;
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
    const members = Object.entries(shapes).filter(([name]) => Object.hasOwn(value, name));
    return Object.fromEntries(
      members.map(([name, shape]) => [name, shape((value as Record<string, unknown>)[name], aliases)]),
    );
  };
}
