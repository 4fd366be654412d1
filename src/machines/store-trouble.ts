/** The store's trouble as a fact in the journal. */
export type StoreTrouble = {
  /** Stable: `store.no-token`, `store.unreachable`. */
  readonly class: string;
  readonly message: string;
  readonly hint: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
};

/** The last time that the person was told of it, a fact as well; none once the store is well again. */
export type StoreTold = { readonly class: string; readonly at: number };

const DAY = 24 * 60 * 60_000;

/** What no waiting mends. */
const PERSON_MENDS = /^store\.(denied|token|no-token|no-mount|tls|refused|damaged)$/;

export function personMends(failureClass: string): boolean {
  return PERSON_MENDS.test(failureClass);
}

/** Whether it is to be said now: once an episode, and once a day while it lasts. An outage in between ends no episode. */
export function isStoreNews(trouble: StoreTrouble | null, told: StoreTold | null, now: number): boolean {
  if (trouble === null || !personMends(trouble.class)) return false;
  return told?.class !== trouble.class || now - told.at >= DAY;
}
