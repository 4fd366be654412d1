import { type Found, StoreConflict } from "../adapters/store-port.ts";
import type { Context } from "../machines/enrolment/context.ts";
import {
  isWithoutLease,
  judgeLease,
  type Lease,
  type LeaseVerdict,
  openPresentation,
  parseLease,
  writerOf,
} from "../machines/lease.ts";
import type { World } from "./ports.ts";
import type { Task } from "./task.ts";

/** Where an enrolment's lease lies, beside its secret. */
export function leaseName(enrolment: string): string {
  return `.dotvault/${enrolment}`;
}

export interface LeaseSeen {
  readonly found: Found;
  readonly lease: Lease | null;
  readonly verdict: LeaseVerdict;
}

export async function readLease({
  world,
  enrolment,
  signal,
}: Pick<Task, "world" | "enrolment" | "signal">): Promise<LeaseSeen> {
  const found = await world.store.read(leaseName(enrolment.name), signal);
  const present = found.state === "present";
  const lease = present ? parseLease(found.fields) : null;
  const writtenAt = present ? found.createdAt : 0;
  return { found, lease, verdict: judgeLease(lease, world.machine.id, found.serverTime, writtenAt) };
}

/**
 * Writes our lease over the version that was seen (CAS).
 *
 * @returns the lease's version, or null when another machine was quicker
 */
export async function writeLease(
  { world, enrolment, signal }: Pick<Task, "world" | "enrolment" | "signal">,
  seen: LeaseSeen,
  content: Pick<Lease, "phase" | "digest" | "doubt" | "writer">,
): Promise<number | null> {
  const { id: holder, name: machine } = world.machine;
  const writer = content.writer ?? seen.lease?.writer;
  const { phase, digest, doubt } = content;
  const lease: Lease = { holder, machine, phase, digest, doubt, ...(writer ? { writer } : {}) };
  try {
    const written = await world.store.write(leaseName(enrolment.name), { ...lease }, seen.found.version, signal);
    return written.version;
  } catch (error) {
    if (error instanceof StoreConflict) return null;
    throw error;
  }
}

/** Whether the store shows another pair than the one in use, or none any more. */
export function isOther(found: Found, { engine }: Task["enrolment"], { current }: Context): boolean {
  if (!current) return false;
  return found.state === "absent"
    ? found.deletedAt !== undefined
    : engine.describe(found.fields).digest !== current.digest;
}

/** Whether what {@link isOther} came by somebody who knows no lease. Under a claim of ours the time before it counts. */
export function cameWithoutLease(
  { store, machine }: World,
  { found: at, lease }: LeaseSeen,
  found: Found,
  { current, lease: ours }: Context,
): boolean {
  const changedAt = found.state === "present" ? found.createdAt : found.deletedAt;
  if (!store.shared || !current || changedAt === undefined) return false;
  const written = at.state === "present" ? at.createdAt : null;
  const before = ours && lease?.holder === machine.id ? ours.before : written;
  return isWithoutLease(changedAt, current.digest, before, ours?.doubt ?? (lease && openPresentation(lease)));
}

/** Who brought the pair that was found, where that was another machine and the lease tells it. */
export function broughtBy(
  { machine }: World,
  { lease }: LeaseSeen,
  found: Found,
  { engine }: Task["enrolment"],
  { current }: Context,
): { readonly by?: string } {
  if (found.state !== "present" || lease === null) return {};
  const by = writerOf(lease, engine.describe(found.fields).digest, current?.digest ?? null);
  return by === undefined || by.holder === machine.id ? {} : { by: by.machine };
}
