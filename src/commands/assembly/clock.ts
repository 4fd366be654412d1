import type { Clock } from "../../agent/ports.ts";

export function systemClock(now: () => number): Clock {
  return {
    now,
    at(time, wake) {
      const timer = setTimeout(wake, Math.max(0, time - now()));
      return () => clearTimeout(timer);
    },
  };
}
