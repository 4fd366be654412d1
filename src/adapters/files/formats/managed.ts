import { elementId } from "./elements.ts";
import { escaped } from "./pointers.ts";
import { effective, isNull, type Tree } from "./tree.ts";

/** JSON pointers of every value that a rendering sets; see `MergeResult.managed`. */
export function managedPaths(
  rendered: Tree<unknown>,
  wishes: { readonly mergeKey: string | undefined; readonly deleteNulls: boolean },
  path = "",
): string[] {
  if (rendered.kind === "map" && rendered.entries.length > 0) {
    return [...effective(rendered)].flatMap(([key, { value }]) =>
      wishes.deleteNulls && isNull(value) ? [] : managedPaths(value, wishes, `${path}/${escaped(key)}`),
    );
  }
  const key = wishes.mergeKey;
  const ids = rendered.kind === "list" && key !== undefined ? rendered.items.map((item) => elementId(item, key)) : [];
  if (rendered.kind !== "list" || ids.length === 0 || ids.includes(undefined)) return [path];
  return rendered.items.flatMap((item, i) =>
    managedPaths(item, wishes, `${path}/${escaped(`${key}=${ids[i]?.text ?? ""}`)}`),
  );
}
