import { keysOf } from "./keys.ts";
import { RawMode } from "./raw-mode.ts";

/**
 * Calls `pressed` for every key, until the returned function is called. Ctrl-C and Ctrl-Z are the signals that they are
 * elsewhere; after the program comes back from a stop, `redraw` is pressed.
 */
export function listenToKeys(pressed: (key: string) => void, input: NodeJS.ReadStream = process.stdin): () => void {
  const raw = new RawMode(input);
  const resume = () => {
    raw.enter();
    pressed("redraw");
  };
  const signal = (name: "SIGINT" | "SIGTSTP") => {
    raw.leave();
    if (name === "SIGTSTP") process.once("SIGCONT", resume);
    process.kill(process.pid, name);
  };
  const heard = (sent: string) => {
    for (const key of keysOf(sent)) {
      if (key === "interrupt") signal("SIGINT");
      else if (key === "suspend") signal("SIGTSTP");
      else pressed(key);
    }
  };
  raw.enter();
  input.setEncoding("utf8").on("data", heard).resume();
  return () => {
    input.off("data", heard).pause();
    process.off("SIGCONT", resume);
    raw.leave();
  };
}
