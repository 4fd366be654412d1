import { dueNotice } from "../machines/enrolment/notice.ts";
import { isStoreNews, type StoreTold, type StoreTrouble } from "../machines/store-trouble.ts";
import type { Actors } from "./actors.ts";
import type { World } from "./ports.ts";

/**
 * Tells the person what no event asks for: what can't wait, every day, and how an unanswered rotation came out. It is
 * journaled first: a disk that takes nothing must not make the desktop flicker.
 */
export async function remind(world: World, actors: Actors, streams: ReadonlyMap<string, { readonly name: string }>) {
  await Promise.allSettled([...ofEnrolments(world, actors, streams), ...ofStore(world)]);
}

function ofEnrolments(world: World, actors: Actors, streams: ReadonlyMap<string, { readonly name: string }>) {
  const now = world.clock.now();
  const notices = [...streams].flatMap(([stream, { name }]) => {
    const { context } = actors.snapshot(stream);
    const code = dueNotice(context, now);
    return code === null ? [] : [{ stream, name, code, context }];
  });
  for (const { stream, code } of notices) actors.step(stream, { type: "NOTIFIED", code });
  return notices.map(({ name, code, context }) => world.notify(name, code, context));
}

/** Nobody is logged in to it, say. What was told stands beside the trouble, until the store is well again. */
function ofStore({ journal, clock, notifyStore }: World): Promise<void>[] {
  const trouble = (journal.fact("storeTrouble") ?? null) as StoreTrouble | null;
  const told = (journal.fact("storeTold") ?? null) as StoreTold | null;
  if (trouble === null && told !== null) journal.setFact("storeTold", null);
  if (trouble === null || !isStoreNews(trouble, told, clock.now())) return [];
  journal.setFact("storeTold", { class: trouble.class, at: clock.now() });
  return [notifyStore(trouble)];
}
