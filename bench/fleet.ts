import { busiest, type FleetSetting, HABITS, simulateFleet } from "../test/support/fleet-load.ts";
import type { Figure } from "./journal.ts";

const SECOND = 1_000;
const HOUR = 60 * 60 * SECOND;
const DAY = 24 * HOUR;
const agents = 10_000;
const life = 60 * DAY;

/** Ten thousand people with a token of 60 days each: what JFrog and Vault get to do when it is the fleet's turn. */
export async function benchFleet(): Promise<Figure[]> {
  const whole: FleetSetting = { agents, life, spread: true, enrolledAt: HABITS.workingDay };
  return [
    ...measured("enrolled over a working day", whole, "≤ 1.5"),
    ...measured("enrolled over a working day, no spread", { ...whole, spread: false }),
    ...measured("enrolled in one hour", { ...whole, enrolledAt: HABITS.oneHour }, "≤ 1.5"),
    ...measured("enrolled in one hour, no spread", { ...whole, enrolledAt: HABITS.oneHour, spread: false }),
    ...measured("laptops, in one hour", { ...whole, enrolledAt: HABITS.oneHour, awake: HABITS.laptop }),
    ...measured("JFrog away for 8 h", {
      ...whole,
      enrolledAt: HABITS.oneHour,
      outage: { from: life / 2 + DAY, to: life / 2 + DAY + 8 * HOUR },
    }),
  ];
}

function measured(name: string, setting: FleetSetting, aim?: string): Figure[] {
  const { rotated, jfrog, vault } = simulateFleet(setting);
  const hours = busiest(rotated, HOUR);
  const ratio = { name: `fleet: ${name}: busiest hour / mean hour`, value: hours.most / hours.mean, unit: "×" };
  return [
    aim === undefined ? ratio : { ...ratio, aim },
    { name: `fleet: ${name}: rotations in the busiest hour`, value: hours.most, unit: "" },
    { name: `fleet: ${name}: JFrog, busiest minute`, value: busiest(jfrog, 60 * SECOND).most / 60, unit: "1/s" },
    { name: `fleet: ${name}: JFrog, busiest second`, value: busiest(jfrog, SECOND).most, unit: "1/s" },
    { name: `fleet: ${name}: Vault, busiest minute`, value: busiest(vault, 60 * SECOND).most / 60, unit: "1/s" },
    { name: `fleet: ${name}: Vault, busiest second`, value: busiest(vault, SECOND).most, unit: "1/s" },
  ];
}
