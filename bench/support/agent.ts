import { setTimeout as pause } from "node:timers/promises";
import { ringDoorbell } from "../../src/commands/assembly/doorbell.ts";
import type { JournalReader } from "../../src/journal/port.ts";
import { openReader } from "../../src/journal/reader.ts";
import { postRequest } from "../../src/journal/request.ts";
import type { Home } from "./home.ts";

const lookEvery = 50;
const patience = 60_000;

/** Waits until the journal tells that each enrolment has had so many events of this type. */
export async function untilEach(home: Home, type: string, count: number): Promise<void> {
  for (let waited = 0; waited < patience; waited += lookEvery) {
    const reader = openReader({ directory: home.where.stateDir });
    try {
      if (reader && home.names.every((name) => happened(reader, name, type) >= count)) return;
    } finally {
      reader?.close();
    }
    await pause(lookEvery);
  }
  throw new Error(`waited a minute in vain for ${type} in ${home.path}`);
}

function happened(reader: JournalReader, name: string, type: string): number {
  return [...reader.events({ stream: `enrolment/${name}` })].filter(({ event }) => event.type === type).length;
}

/** Asks the running agent to rotate every enrolment now, as `dotvault refresh` does. */
export async function askForRotations({ where, names }: Home): Promise<void> {
  for (const name of names) postRequest({ directory: where.stateDir, clock: Date.now }, "refresh", { name });
  await ringDoorbell(where.socket);
}
