import { type Found, StoreConflict } from "../adapters/store-port.ts";
import { judgeLease, type Lease, type LeaseVerdict, parseLease } from "../machines/lease.ts";
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
  content: Pick<Lease, "phase" | "digest" | "doubt">,
): Promise<number | null> {
  const lease: Lease = { holder: world.machine.id, machine: world.machine.name, ...content };
  try {
    const written = await world.store.write(leaseName(enrolment.name), { ...lease }, seen.found.version, signal);
    return written.version;
  } catch (error) {
    if (error instanceof StoreConflict) return null;
    throw error;
  }
}
