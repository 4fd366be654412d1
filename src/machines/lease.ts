/**
 * The lease: one KV document per enrolment, so that of all machines of a user one rotates. It ends by the **store's**
 * clock, 60 s after its last version was written, and is never deleted: taking it over is a write with CAS.
 */

export const LEASE_LIFE = 60_000;

export type LeasePhase = "claimed" | "presented" | "released";

/** A rotation that some machine presented and never reported on: it probably holds the pair. */
export interface OpenPresentation {
  readonly holder: string;
  /** For people: the machine's name. */
  readonly machine: string;
  /** Digest of the pair that it presented. */
  readonly digest: string;
}

export interface Lease {
  readonly holder: string;
  readonly machine: string;
  readonly phase: LeasePhase;
  /** Digest of the pair that is presented, once it is. */
  readonly digest: string | null;
  /** What an earlier holder left unresolved; handed on until a rotation succeeds. */
  readonly doubt: OpenPresentation | null;
  /** Whose pair is in use, as far as a machine has said so; handed on. Absent: nobody has. */
  readonly writer?: Writer | null;
}

/** A machine, and the digest of a pair that it brought into the store. */
export type Writer = { readonly holder: string; readonly machine: string; readonly digest: string };

export type LeaseVerdict =
  | { readonly kind: "free"; readonly doubt: OpenPresentation | null }
  | { readonly kind: "held"; readonly by: Lease; readonly endsIn: number };

/**
 * Whether `me` may take the lease now.
 *
 * @param serverTime the store's clock at the answer that carried the lease (`Date` header)
 * @param writtenAt the store's `created_time` of that version
 */
export function judgeLease(lease: Lease | null, me: string, serverTime: number, writtenAt: number): LeaseVerdict {
  if (!lease || lease.phase === "released") return free(lease?.doubt ?? null, me);
  if (lease.holder === me) return free(lease.doubt, me);
  const endsIn = writtenAt + LEASE_LIFE - serverTime;
  if (endsIn >= 0) return { kind: "held", by: lease, endsIn };
  return free(openPresentation(lease), me);
}

/** Whoever may claim has no pair on its way: what others suspect of us is settled by that. */
function free(doubt: OpenPresentation | null, me: string): LeaseVerdict {
  return { kind: "free", doubt: doubt?.holder === me ? null : doubt };
}

/** A lease that was written longer before a change of the secret has nothing to do with it. */
const LEASE_NEAR = 10 * 60_000;

/**
 * Whether the secret was changed by somebody who knows no lease: whoever does writes it before and after. The late pair of
 * a machine that had presented the one that we know needs no lease any more.
 *
 * @param changedAt when the secret was changed, by the store's clock
 * @param known digest of the pair that was there before
 * @param leaseWrittenAt of the lease's last version; null when there is none
 * @param open what the lease tells of a presentation without an end
 */
export function isWithoutLease(
  changedAt: number,
  known: string,
  leaseWrittenAt: number | null,
  open: OpenPresentation | null,
): boolean {
  return open?.digest !== known && (leaseWrittenAt ?? 0) <= changedAt - LEASE_NEAR;
}

/** What a lease tells of a presentation that has not come to its end. */
export function openPresentation(lease: Lease): OpenPresentation | null {
  if (lease.phase !== "presented" || lease.digest === null) return lease.doubt;
  return { holder: lease.holder, machine: lease.machine, digest: lease.digest };
}

/**
 * The machine that brought a pair into the store; undefined: the lease does not tell. One that has presented the pair before
 * and not given the lease back yet is it, too.
 *
 * @param before digest of the pair that was there before
 */
export function writerOf(lease: Lease | null, digest: string, before: string | null): Writer | undefined {
  if (lease?.writer?.digest === digest) return lease.writer;
  const open = lease && openPresentation(lease);
  return open && open.digest === before ? open : undefined;
}

/** Reads the stored document defensively: anybody may have written there. */
export function parseLease(fields: Readonly<Record<string, unknown>>): Lease | null {
  const { holder, machine, phase, digest } = fields;
  if (typeof holder !== "string" || holder === "") return null;
  if (phase !== "claimed" && phase !== "presented" && phase !== "released") return null;
  return {
    holder,
    machine: typeof machine === "string" ? machine : holder,
    phase,
    digest: typeof digest === "string" ? digest : null,
    doubt: parseNamed(fields.doubt),
    writer: parseNamed(fields.writer),
  };
}

function parseNamed(value: unknown): OpenPresentation | null {
  if (typeof value !== "object" || value === null) return null;
  const { holder, machine, digest } = value as Record<string, unknown>;
  if (typeof holder !== "string" || typeof digest !== "string") return null;
  return { holder, machine: typeof machine === "string" ? machine : holder, digest };
}
