import { mayNotify, type Place, placeOf, type Surroundings, surroundings } from "./place.ts";
import { type Program, runFirst } from "./programs.ts";

/** What a desktop offers; each is best effort and harmless when it fails. */
export interface Desktop {
  readonly place: Place;
  /** Whether a clipboard can be expected. */
  readonly copies: boolean;
  /** Opens an `http(s)` URL of `origin` and nothing else. The URL is an argument of the opener. */
  open(url: string, origin: string): Promise<boolean>;
  copy(text: string): Promise<boolean>;
  /** The text holds no secret: it is an argument of the program that shows it. */
  notify(title: string, text: string): Promise<boolean>;
}

export function createDesktop(platform: NodeJS.Platform, env: Surroundings["env"]): Desktop {
  return desktopIn(surroundings(platform, env));
}

/** @param run starts the first of the programs that exists */
export function desktopIn(around: Surroundings, run: typeof runFirst = runFirst): Desktop {
  const place = placeOf(around);
  const opens = place === "desktop" || place === "wsl";
  return {
    place,
    copies: opens,
    open: async (url, origin) => opens && mayOpen(url, origin) && run(openers(around, place, url)),
    copy: async (text) => opens && run(clipboards(around, place), text),
    notify: async (title, text) => mayNotify(around, place) && run(notifiers(around, title, text)),
  };
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

function openers({ platform, env }: Surroundings, place: Place, url: string): Program[] {
  if (platform === "darwin") return [{ command: "open", args: [url] }];
  const own = env.BROWSER && !/[\s%:]/.test(env.BROWSER) ? [{ command: env.BROWSER, args: [url] }] : [];
  const windows = [
    { command: "wslview", args: [url] },
    { command: "rundll32.exe", args: ["url.dll,FileProtocolHandler", url] },
  ];
  return [...own, ...(place === "wsl" ? windows : []), { command: "xdg-open", args: [url] }];
}

function clipboards({ platform }: Surroundings, place: Place): Program[] {
  if (platform === "darwin") return [{ command: "pbcopy", args: [] }];
  return place === "wsl" ? [{ command: "clip.exe", args: [] }, ...LINUX_CLIPBOARDS] : LINUX_CLIPBOARDS;
}

const LINUX_CLIPBOARDS: Program[] = [
  { command: "wl-copy", args: [] },
  { command: "xclip", args: ["-selection", "clipboard"] },
  { command: "xsel", args: ["--clipboard", "--input"] },
];

function notifiers({ platform }: Surroundings, title: string, text: string): Program[] {
  if (platform === "darwin") {
    const script = `display notification ${JSON.stringify(text)} with title ${JSON.stringify(title)}`;
    return [{ command: "osascript", args: ["-e", script] }];
  }
  return [{ command: "notify-send", args: ["--app-name=dotvault", "--", title, text] }, bus(title, text)];
}

/** Desktop Notifications Specification 1.2, `Notify`; a GVariant text has JSON's escapes. */
function bus(title: string, text: string): Program {
  const target = ["--session", "--dest=org.freedesktop.Notifications", "--object-path=/org/freedesktop/Notifications"];
  const values = ['"dotvault"', "0", '""', JSON.stringify(title), JSON.stringify(text), "[]", "{}", "-1"];
  return {
    command: "gdbus",
    args: ["call", ...target, "--method=org.freedesktop.Notifications.Notify", "--", ...values],
  };
}
