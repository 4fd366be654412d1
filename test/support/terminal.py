"""A terminal with a person at it: runs a program in the foreground, as a shell would, and shows what the program shows.

Commands come as JSON lines on stdin: {"keys": "q"}, {"size": [columns, rows]}, {"signal": 15}. When the program stops or
ends, the last line on stderr says whether a person could go on typing: "terminal: usable" or "terminal: left raw".
"""
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

master, slave = pty.openpty()


def resize(columns, rows):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def is_usable():
    wanted = termios.ICANON | termios.ECHO | termios.ISIG
    return termios.tcgetattr(slave)[3] & wanted == wanted


def report(what):
    """Modes may come back a moment later: nobody can be quicker than the one who notices the end."""
    patience = time.monotonic() + 15
    while not is_usable() and time.monotonic() < patience:
        time.sleep(0.02)
    os.write(2, f"{what}\nterminal: {'usable' if is_usable() else 'left raw'}\n".encode())


def foreground(group):
    os.tcsetpgrp(slave, group)


def shell(told):
    """The leader of the terminal's session; the program is its foreground job."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        foreground(os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for number in (0, 1, 2):
            os.dup2(slave, number)
        os.closerange(3, 64)
        os.execv(sys.argv[1], sys.argv[1:])
    os.write(told, f"{program}\n".encode())
    while True:
        _, status = os.waitpid(program, os.WUNTRACED)
        foreground(os.getpgrp())
        if not os.WIFSTOPPED(status):
            break
        report("stopped")
        foreground(program)
        os.kill(program, signal.SIGCONT)
    report("ended")
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


resize(80, 24)
heard, told = os.pipe()
leader = os.fork()
if leader == 0:
    shell(told)
os.close(slave)
os.close(told)
program = int(os.read(heard, 32))


def forward(number, frame):
    try:
        os.kill(program, number)
    except ProcessLookupError:
        pass


for each in (signal.SIGTERM, signal.SIGINT):
    signal.signal(each, forward)


def obey(command):
    if "keys" in command:
        os.write(master, command["keys"].encode())
    if "size" in command:
        resize(*command["size"])
    if "signal" in command:
        forward(command["signal"], None)


sources = [master, 0]
rest = b""
while master in sources:
    ready, _, _ = select.select(sources, [], [])
    if master in ready:
        try:
            shown = os.read(master, 4096)
        except OSError:
            shown = b""
        if not shown:
            break
        os.write(1, shown)
    if 0 in ready:
        sent = os.read(0, 4096)
        if not sent:
            sources.remove(0)
        *lines, rest = (rest + sent).split(b"\n")
        for line in lines:
            obey(json.loads(line))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1]))
