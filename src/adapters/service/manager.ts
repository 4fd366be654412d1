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
  /** After the file was written; `wasThere`: over an older one, whose service may be running. */
  install(wasThere: boolean): readonly Words[];
  /** Before the file is removed; they may fail where nothing is loaded. */
  readonly leave: readonly Words[];
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
    install: (wasThere) => [
      ctl("daemon-reload"),
      ctl("enable", UNIT),
      wasThere ? ctl("restart", UNIT) : ctl("start", UNIT),
    ],
    leave: [ctl("disable", "--now", UNIT)],
    forget: [ctl("daemon-reload")],
    isActive: ctl("is-active", "--quiet", UNIT),
    logs: `journalctl --user -u ${UNIT}`,
  };
}

function launchd({ home, uid }: Place, started: Started): ServiceManager {
  const log = join(home, "Library/Logs/dotvault.log");
  const file = join(home, "Library/LaunchAgents", `${LABEL}.plist`);
  const target = `gui/${uid}`;
  const leave: Words = ["launchctl", "bootout", `${target}/${LABEL}`];
  return {
    name: "launchd",
    file,
    text: launchdPlist(started, log),
    install: (wasThere) => [...(wasThere ? [leave] : []), ["launchctl", "bootstrap", target, file]],
    leave: [leave],
    forget: [],
    isActive: ["launchctl", "print", `${target}/${LABEL}`],
    logs: log,
  };
}
