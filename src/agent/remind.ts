import { dueNotice } from "../machines/enrolment/notice.ts";
import type { Actors } from "./actors.ts";
import type { World } from "./ports.ts";

/**
 * Tells the person what no event asks for: what can't wait, every day, and how an unanswered rotation came out. It is
 * journaled first: a disk that takes nothing must not make the desktop flicker.
 */
export async function remind(world: World, actors: Actors, streams: ReadonlyMap<string, { readonly name: string }>) {
  const now = world.clock.now();
  const notices = [...streams].flatMap(([stream, { name }]) => {
    const { context } = actors.snapshot(stream);
    const code = dueNotice(context, now);
    return code === null ? [] : [{ stream, name, code, context }];
  });
  for (const { stream, code } of notices) actors.step(stream, { type: "NOTIFIED", code });
  await Promise.allSettled(notices.map(({ name, code, context }) => world.notify(name, code, context)));
}
