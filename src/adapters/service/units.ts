/** What the service manager starts, with absolute paths. */
export interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  /** The agent can say itself when it is ready: `systemd-notify` is there. */
  readonly notifies: boolean;
}

/** The name that systemd and people know the service by. */
export const UNIT = "dotvault.service";
/** The name that launchd knows it by. */
export const LABEL = "dotvault.agent";

/**
 * A systemd user unit (systemd.service(5), systemd.exec(5)). The agent says itself when it is ready and that it is alive;
 * that comes from a child (`systemd-notify`), hence NotifyAccess. No file system namespaces: the agent writes wherever
 * the user's rules say.
 */
export function systemdUnit({ program, args, env, notifies }: Started): string {
  const settings = env.map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`).join("");
  return `[Unit]
Description=dotvault keeps developer credentials alive
Documentation=man:systemd.service(5)
StartLimitIntervalSec=0

[Service]
${notifies ? "Type=notify\nNotifyAccess=all\nWatchdogSec=300" : "Type=simple"}
${settings}ExecStart=${[quoted(program), ...args.map(argument)].join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
# A rotation in flight is brought home before the agent ends.
TimeoutStopSec=30
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=default.target
`;
}

/** In double quotes, specifiers doubled (systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers"). */
function quoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;
}

/** Variables are expanded in arguments, and not in the program's own path (systemd.service(5), "Command lines"). */
function argument(word: string): string {
  return quoted(word).replaceAll("$", "$$$$");
}

/** A launchd agent (launchd.plist(5)). */
export function launchdPlist({ program, args, env }: Started, log: string): string {
  const settings = env.map(([name, value]) => `    <key>${xml(name)}</key>\n    <string>${xml(value)}</string>\n`);
  const words = [program, ...args].map((word) => `    <string>${xml(word)}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${words.join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
${settings.join("")}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ProcessType</key>
  <string>Background</string>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${xml(log)}</string>
</dict>
</plist>
`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
