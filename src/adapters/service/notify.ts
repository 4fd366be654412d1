import { spawn } from "node:child_process";

type Environment = Readonly<Record<string, string | undefined>>;

/** Tells the service manager how the agent is; does nothing where no service manager asked (sd_notify(3)). */
export interface ServiceNotifier {
  /** It has started; from here on it says that it is alive, as often as the manager asked. */
  ready(): void;
  /** It is about to end. */
  stopping(): Promise<void>;
}

/** A word for the manager. Node has no datagram sockets of the kind that systemd listens on, so its own tool says it. */
export type Say = (words: readonly string[]) => Promise<void>;

/** The manager wants a sign of life within its period: three of them fit in. */
const SIGNS = 3;

export function serviceNotifier(env: Environment, say: Say = sayWith(env)): ServiceNotifier {
  if (env.NOTIFY_SOCKET === undefined) return { ready() {}, stopping: async () => {} };
  const period = Number(env.WATCHDOG_USEC ?? 0) / 1000;
  let timer: NodeJS.Timeout | undefined;
  return {
    ready() {
      void say(["--ready", `MAINPID=${process.pid}`]);
      // The timer rings only while the event loop turns, which is what is asked.
      if (period > 0) timer = setInterval(() => void say(["WATCHDOG=1"]), period / SIGNS).unref();
    },
    async stopping() {
      clearInterval(timer);
      await say(["STOPPING=1"]);
    },
  };
}

function sayWith(env: Environment): Say {
  return (words) =>
    new Promise((done) => {
      const child = spawn("systemd-notify", [...words], { env: { ...env }, stdio: "ignore" });
      child.once("error", () => done());
      child.once("exit", () => done());
    });
}
