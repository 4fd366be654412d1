import { stateName } from "../../machines/enrolment/decide.ts";
import { type Followed, follow, requireConfigured, type Scene, sceneOf } from "../assembly/follow.ts";

/** The state once the agent has looked into the store; where that can't be read, as it is. Throws when `signal` aborts. */
export async function settledState(followed: Followed, name: string, signal?: AbortSignal): Promise<string> {
  await requireConfigured(followed, name);
  const settled = ({ snapshot }: Scene) => {
    const state = snapshot ? stateName(snapshot.value) : "idle.new";
    const looking = state === "idle.looking" || state === "idle.new";
    return looking && !isTroubled(followed, name) ? undefined : state;
  };
  return await follow(followed, name, settled, signal);
}

function isTroubled({ reader }: Followed, name: string): boolean {
  return sceneOf(reader, name).intents.some(({ failure }) => failure !== null);
}
