import { runFirst } from "./programs.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a desktop offers; each is best effort and harmless when it fails. */
export interface Desktop {
  /** Whether a browser can be expected at all: not over SSH, not in a bare console. */
  readonly present: boolean;
  /** Opens an `http(s)` URL of `origin` and nothing else. The URL is an argument of the opener. */
  open(url: string, origin: string): Promise<boolean>;
  copy(text: string): Promise<boolean>;
  notify(title: string, text: string): Promise<boolean>;
}

export function createDesktop(platform: NodeJS.Platform, env: Environment): Desktop {
  const mac = platform === "darwin";
  const present = env.SSH_CONNECTION === undefined && (mac || hasDisplay(env));
  return {
    present,
    open: async (url, origin) => present && mayOpen(url, origin) && runFirst(openers(mac, env, url)),
    copy: async (text) => present && runFirst(mac ? [{ command: "pbcopy", args: [] }] : LINUX_CLIPBOARDS, text),
    notify: async (title, text) => present && runFirst([mac ? macNotice(title, text) : linuxNotice(title, text)]),
  };
}

function hasDisplay(env: Environment): boolean {
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY || env.BROWSER);
}

/** A server must not get us to open anything but its own pages. */
function mayOpen(url: string, origin: string): boolean {
  try {
    const parsed = new URL(url);
    return /^https?:$/.test(parsed.protocol) && parsed.origin === new URL(origin).origin;
  } catch {
    return false;
  }
}

function openers(mac: boolean, env: Environment, url: string) {
  if (mac) return [{ command: "open", args: [url] }];
  const own = env.BROWSER && !/[\s%:]/.test(env.BROWSER) ? [{ command: env.BROWSER, args: [url] }] : [];
  return [...own, { command: "xdg-open", args: [url] }];
}

const LINUX_CLIPBOARDS = [
  { command: "wl-copy", args: [] },
  { command: "xclip", args: ["-selection", "clipboard"] },
  { command: "xsel", args: ["--clipboard", "--input"] },
];

function linuxNotice(title: string, text: string) {
  return { command: "notify-send", args: ["--app-name=dotvault", "--", title, text] };
}

function macNotice(title: string, text: string) {
  const script = `display notification ${JSON.stringify(text)} with title ${JSON.stringify(title)}`;
  return { command: "osascript", args: ["-e", script] };
}
