/** What SIGHUP asks for. */
export interface Reloads {
  /** From now on this is done at every SIGHUP, once for those that came before; one after the other: the last one holds. */
  begin(reload: () => Promise<void>): void;
  /** From now on nothing is. */
  end(): void;
}

/** Hears SIGHUP until the process ends: starts and ends take their time, and a signal that nobody hears kills. */
export function hearReloads(): Reloads {
  let reload: (() => Promise<void>) | undefined;
  let reloading = Promise.resolve();
  let missed = false;
  const hear = () => {
    if (reload) reloading = reloading.then(reload);
    else missed = true;
  };
  process.on("SIGHUP", hear);
  return {
    begin(what) {
      reload = what;
      if (missed) hear();
    },
    end() {
      reload = undefined;
    },
  };
}
