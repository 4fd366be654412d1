import { existsSync } from "node:fs";
import { release } from "node:os";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a program of the person runs: what can be opened, copied and shown there. `console`: no desktop, nobody remote. */
export type Place = "desktop" | "wsl" | "ssh" | "container" | "console";

/** What tells it. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
  /** Whether there is such a file. */
  readonly exists: (path: string) => boolean;
  /** The kernel's, as `uname -r` says it. */
  readonly kernel: string;
}

export function surroundings(platform: NodeJS.Platform, env: Environment): Surroundings {
  return { platform, env, exists: existsSync, kernel: release() };
}

/** A browser that somebody named, or a display, is one wherever it is; but what opens over SSH opens on the wrong machine. */
export function placeOf(around: Surroundings): Place {
  const { platform, env } = around;
  if (env.SSH_CONNECTION || env.SSH_CLIENT || env.SSH_TTY) return "ssh";
  if (platform === "darwin") return "desktop";
  if (isContainer(around)) return hasDisplay(env) ? "desktop" : "container";
  if (isWsl(around)) return "wsl";
  return hasDisplay(env) ? "desktop" : "console";
}

function hasDisplay(env: Environment): boolean {
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.BROWSER);
}

/** Docker's and Podman's marks, systemd's variable, Kubernetes, editors' remote containers. */
function isContainer({ env, exists }: Surroundings): boolean {
  const named = env.container || env.KUBERNETES_SERVICE_HOST || env.REMOTE_CONTAINERS || env.CODESPACES;
  return Boolean(named) || exists("/.dockerenv") || exists("/run/.containerenv");
}

/** Windows sets the variables in a shell; a service has the kernel's name only. */
function isWsl({ env, kernel }: Surroundings): boolean {
  return Boolean(env.WSL_DISTRO_NAME || env.WSL_INTEROP) || /microsoft/i.test(kernel);
}

/** Whether somebody may be there to see a notification: a service of systemd has the session's bus and no display. */
export function mayNotify({ platform, env }: Surroundings, place: Place): boolean {
  if (place === "desktop") return true;
  return place === "console" && platform !== "darwin" && Boolean(env.DBUS_SESSION_BUS_ADDRESS);
}
