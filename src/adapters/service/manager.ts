import { join } from "node:path";
import { LABEL, launchdPlist, type Started, systemdUnit, UNIT } from "./units.ts";

/** A command of the service manager's. */
export type Words = readonly [string, ...string[]];

/** How one platform's service manager is spoken to: a file, and commands around it. */
export interface ServiceManager {
  readonly name: "systemd" | "launchd";
  /** The file that describes the service. */
  readonly file: string;
  readonly text: string;
  /** After the file was written. */
  readonly install: readonly Words[];
  /** Ends the service: before the file is removed, and where the platform needs it, before it is installed anew. */
  readonly leave: Words;
  readonly leavesFirst: boolean;
  /** It may return before the service is gone. */
  readonly leavesLater: boolean;
  /** After it was removed. */
  readonly forget: readonly Words[];
  /** Exit code 0: it runs. */
  readonly isActive: Words;
  /** Where its log is read. */
  readonly logs: string;
}

export interface Place {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** `$XDG_CONFIG_HOME`, where it is set. */
  readonly configHome: string | undefined;
  readonly uid: number;
}

/** The service manager of the platform; undefined where there is none that we know. */
export function serviceManager(place: Place, started: Started): ServiceManager | undefined {
  if (place.platform === "linux") return systemd(place, started);
  return place.platform === "darwin" ? launchd(place, started) : undefined;
}

function systemd({ home, configHome }: Place, started: Started): ServiceManager {
  const ctl = (...args: string[]): Words => ["systemctl", "--user", ...args];
  return {
    name: "systemd",
    file: join(configHome ?? join(home, ".config"), "systemd/user", UNIT),
    text: systemdUnit(started),
    install: [ctl("daemon-reload"), ctl("enable", UNIT), ctl("restart", UNIT)],
    leave: ctl("disable", "--now", UNIT),
    leavesFirst: false,
    leavesLater: false,
    forget: [ctl("daemon-reload")],
    isActive: ctl("is-active", "--quiet", UNIT),
    logs: `journalctl --user -u ${UNIT}`,
  };
}

function launchd({ home, uid }: Place, started: Started): ServiceManager {
  const log = join(home, "Library/Logs/dotvault.log");
  const file = join(home, "Library/LaunchAgents", `${LABEL}.plist`);
  const target = `gui/${uid}`;
  return {
    name: "launchd",
    file,
    text: launchdPlist(started, log),
    install: [["launchctl", "bootstrap", target, file]],
    leave: ["launchctl", "bootout", `${target}/${LABEL}`],
    leavesFirst: true,
    leavesLater: true,
    forget: [],
    isActive: ["launchctl", "print", `${target}/${LABEL}`],
    logs: log,
  };
}
