import { once } from "node:events";

/** Aborts with Ctrl-C, or when somebody ends the process. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    void once(process, name, { signal: controller.signal })
      .then(() => controller.abort())
      .catch(() => undefined);
  }
  return controller.signal;
}
