import { styleFor } from "../../terminal/style.ts";
import { PlainLines } from "../../terminal/wizard/lines.ts";
import type { Wizard } from "../../terminal/wizard/model.ts";
import { screenLines } from "../../terminal/wizard/screen.ts";
import type { Io, Screen } from "../cli/io.ts";
import type { LiveScreen } from "./live-screen.ts";

/** Where the wizard is seen. */
export interface View {
  /** Only a live one has keys, and room for a link that nobody has asked for. */
  readonly isLive: boolean;
  show(wizard: Wizard): void;
  /** Puts a text into the clipboard of the person's own terminal, where that can be done. */
  copy(text: string): boolean;
  close(): void;
}

/** A live screen where a person sits at a terminal; plain lines everywhere else. */
export async function viewFor(io: Io, screen: LiveScreen, pressed: (key: string) => void): Promise<View> {
  const { input, env } = io;
  const isLive = screen.isTerminal && input.isTerminal && input.keys !== undefined && env.TERM !== "dumb";
  return isLive && input.keys ? liveView(io, screen, input.keys, pressed) : plainView(io, screen);
}

async function liveView(
  io: Io,
  screen: LiveScreen,
  keys: NonNullable<Io["input"]["keys"]>,
  pressed: (key: string) => void,
): Promise<View> {
  const style = styleFor(screen, io.env);
  let shown: Wizard | undefined;
  const show = (wizard: Wizard) => {
    shown = wizard;
    const { columns, rows } = screen;
    if (wizard.logins.length > 0) screen.draw(screenLines(wizard, { columns, rows, style }, io.now()));
  };
  const stop = await keys((key) => {
    if (key !== "redraw") return pressed(key);
    screen.settle(true);
    if (shown) show(shown);
  });
  return {
    isLive: true,
    show,
    copy(text) {
      screen.control(toClipboard(text));
      return true;
    },
    close() {
      stop();
      screen.settle();
    },
  };
}

/** OSC 52 (xterm's control sequences): the terminal's own clipboard, also from the other end of an SSH connection. */
function toClipboard(text: string): string {
  return `\u001b]52;c;${Buffer.from(text, "utf8").toString("base64")}\u0007`;
}

function plainView(io: Io, screen: Screen): View {
  const lines = new PlainLines();
  return {
    isLive: false,
    show(wizard) {
      const text = lines.next(wizard, io.now());
      if (text !== "") screen.write(text);
    },
    copy: () => false,
    close() {},
  };
}
