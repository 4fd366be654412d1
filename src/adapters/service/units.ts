/** What the service manager starts, with absolute paths. */
export interface Started {
  readonly program: string;
  readonly args: readonly string[];
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
export function systemdUnit({ program, args }: Started): string {
  return `[Unit]
Description=dotvault keeps developer credentials alive
Documentation=man:systemd.service(5)
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${[program, ...args].map(systemdWord).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
# A rotation in flight is brought home before the agent ends.
TimeoutStopSec=30
WatchdogSec=300
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

/** In double quotes, with what systemd would expand doubled (systemd.syntax(7), "Quoting"; specifiers; variables). */
function systemdWord(word: string): string {
  const plain = word.replaceAll(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return `"${plain}"`;
}

/** A launchd agent (launchd.plist(5)). */
export function launchdPlist({ program, args }: Started, log: string): string {
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
