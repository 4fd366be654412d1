import type { Intents } from "../../machines/enrolment/intents.ts";
import type { Performer } from "../task.ts";
import { mint, refresh } from "./issue.ts";
import { claim, release } from "./lease.ts";
import { openSession, poll } from "./login.ts";
import { notify, probe, revoke, sweep } from "./service.ts";
import { read, remove, store } from "./store.ts";
import { sync } from "./sync.ts";

/** Who performs what. An intent kind without a performer does not compile. */
export const performers: { readonly [K in keyof Intents]: Performer<K> } = {
  read,
  openSession,
  poll,
  mint,
  claim,
  refresh,
  probe,
  store,
  remove,
  release,
  sync,
  revoke,
  sweep,
  notify,
};
