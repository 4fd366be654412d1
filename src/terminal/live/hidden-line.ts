import { RawMode } from "./raw-mode.ts";

/**
 * One line that is not echoed. Undefined at the input's end; Ctrl-C is the signal that it is elsewhere.
 *
 * @param ask shows the question; called when the echo is off: who is quick, or a program, types as soon as it stands there
 */
export function readHiddenLine(ask: () => void, input: NodeJS.ReadStream = process.stdin): Promise<string | undefined> {
  const raw = new RawMode(input);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let line = "";
  const keys: Readonly<Record<string, () => void>> = {
    "\r": () => resolve(line),
    "\n": () => resolve(line),
    "\u0004": () => resolve(undefined),
    "\u0003": () => void process.kill(process.pid, "SIGINT"),
    "\u007f": () => {
      line = [...line].slice(0, -1).join("");
    },
  };
  const heard = (sent: string) => {
    for (const key of sent) {
      if (Object.hasOwn(keys, key)) keys[key]?.();
      else line += key;
    }
  };
  raw.enter();
  ask();
  input.setEncoding("utf8").on("data", heard).resume();
  return promise.finally(() => {
    input.off("data", heard).pause();
    raw.leave();
  });
}
