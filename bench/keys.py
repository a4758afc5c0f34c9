#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""keys.py MERLE [COUNT]: how long the prompt takes to show a key.

A key is written to a terminal and its echo waited for, COUNT times, with
nothing else going on, in an expression of 2,000 lines, and while a process
prints 1,000 lines a second. One line each: middle, 95 of 100, longest, in
milliseconds."""
import fcntl, os, pty, select, struct, sys, tempfile, termios, time

class Terminal:
    def __init__(self, program):
        home = tempfile.mkdtemp()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM='xterm', HOME=home, XDG_CACHE_HOME=home,
                              LC_ALL='C.UTF-8')
            os.execv(program, [program])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 40, 100, 0, 0))
        self.wait(b'1> ')

    def wait(self, text, limit=20):
        """Reads until [text] has come."""
        seen, end = b'', time.monotonic() + limit
        while text not in seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise TimeoutError(f'{text!r} is not shown: {seen[-300:]!r}')
            seen = seen[-1000:] + os.read(self.fd, 65536)
        return seen

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                os.read(self.fd, 65536)

    def send(self, data):
        while data:
            data = data[os.write(self.fd, data[:4096]):]
            self.drain(0)

    def key(self, key, echo):
        """Milliseconds until [echo] is shown for [key]."""
        start = time.perf_counter()
        os.write(self.fd, key)
        self.wait(echo)
        return (time.perf_counter() - start) * 1000

def times(terminal, count):
    """Keys that nothing else on the screen shows, and their going again."""
    found = []
    for i in range(count):
        sign = chr(0x3B1 + i % 16).encode()  # a Greek letter
        found.append(terminal.key(sign, sign))
        terminal.drain(0.02 if i % 2 else 0.09)  # with and without a hint
        os.write(terminal.fd, b'\x7f')
        terminal.drain(0.02)
    return sorted(found)

def report(name, found):
    n = len(found)
    print(f'{name:28} middle {found[n // 2]:6.2f}  95 % {found[n * 95 // 100]:6.2f}'
          f'  longest {found[-1]:6.2f} ms', flush=True)

def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    terminal = Terminal(program)
    report('an empty line', times(terminal, count))
    lines = ''.join(f'    {{line, {i}, "text of it", fun(X) -> X + {i} end}},\r'
                    for i in range(2000))
    terminal.send(b'\x1b[200~[' + lines.encode() + b'    last\x1b[201~')
    terminal.drain(3)
    report('in 2,000 lines, at the end', times(terminal, count))
    os.write(terminal.fd, b'\x1b<')
    terminal.drain(0.5)
    report('in 2,000 lines, at the start', times(terminal, count))
    os.write(terminal.fd, b'\x03')
    terminal.drain(0.5)
    terminal.send(b'spawn(fun F() -> [io:format("line ~w of many~n", [I])'
                  b' || I <- lists:seq(1, 10)], timer:sleep(10), F() end).\r')
    terminal.drain(1)
    report('1,000 lines a second', times(terminal, count))

main()
