# SPDX-License-Identifier: Apache-2.0
"""Shell sessions as tests.

A session is a folder with a file `session`, shell input, and a file `expected`,
the answers. An input may span lines; it ends with a line that ends in a full
stop. Lines in front of an input that start with %% are directives:
    %% args: ARGS    more arguments for the shell
    %% settle: MS    how long to wait for late output after an answer
    %% loose         the next answer is not compared
    %% title: ...    what the session shows
`expected` holds a line "=== N" and an answer for each input. All other files of
the folder are copied to where the shell runs. Pids, references, dates, white
space and places in the library's own sources are not compared."""
import os, re, select, shutil, signal, subprocess, tempfile, time

PROMPT = re.compile(rb'(?:^|\n)(?:\([^()\n]*@[^()\n]*\))?\d+> $')

class Input:
    def __init__(self, text, settle, loose):
        self.text, self.settle, self.loose = text, settle, loose

def read_session(path):
    """(extra arguments, inputs) of a session file."""
    args, settle, loose, inputs, lines = '', 60, False, [], []
    with open(path, encoding='utf-8') as f:
        for line in f:
            directive = not lines and re.match(r'%%\s*(\w+):?\s*(.*)', line)
            if directive:
                word, value = directive.groups()
                if word == 'args': args = value.strip()
                elif word == 'settle': settle = int(value)
                elif word == 'loose': loose = True
            elif line.strip() or lines:
                lines.append(line)
                if line.rstrip().endswith('.'):
                    inputs.append(Input(''.join(lines), settle, loose))
                    lines, loose = [], False
    return args, inputs

def read_expected(path):
    with open(path, encoding='utf-8') as f:
        blocks = re.split(r'^=== \d+\n', f.read(), flags=re.M)
    return [b.strip('\n') for b in blocks[1:]]

class Shell:
    """A shell at the end of two pipes."""
    def __init__(self, command, cwd):
        env = dict(os.environ, TERM='dumb', LC_ALL='C.UTF-8', HOME=cwd)
        self.process = subprocess.Popen(
            command, shell=True, cwd=cwd, env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.output = b''

    def answer(self, timeout, settle):
        """What is printed until a prompt stands still; and why it ended."""
        end, out = time.monotonic() + timeout, self.process.stdout.fileno()
        while True:
            at_prompt = PROMPT.search(self.output)
            wait = settle / 1000 if at_prompt else end - time.monotonic()
            ready = wait > 0 and select.select([out], [], [], wait)[0]
            if not ready:
                return self.take(), None if at_prompt else 'timeout'
            data = os.read(out, 65536)
            if not data:
                return self.take(), 'eof'
            self.output += data

    def take(self):
        text = PROMPT.sub(b'\n', self.output).decode('utf-8', 'replace')
        self.output = b''
        return text.strip('\n')

    def send(self, text):
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def end(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.communicate()

CHANGING = [(re.compile(a), b) for a, b in (
    (r'\x1b\[[0-9;?]*[A-Za-z]', ''),
    (r'<\d+\.\d+\.\d+>', '<PID>'),
    (r'#Ref<[0-9.]+>', '#Ref<>'),
    (r'#Port<[0-9.]+>', '#Port<>'),
    (r'#Fun<(\w+)\.[^>]*>', r'#Fun<\1>'),
    (r'\b\d{1,2}-[A-Z][a-z]{2}-\d{4}::[\d:.]+', 'TIME'),
    (r'\{(?:erl_eval|shell|eval),\w+,\d+,\s*\[[^\[\]]*\]\}', '{EVAL}'),
    (r'(?:\{EVAL\},?\s*)+', '{EVAL}'),
    (r'(?m)^(?:\([^()\n]*@[^()\n]*\))?\d+> ', ''))]

PLACE = re.compile(r'\((\w+\.erl), line \d+\)'
                   r'|\{file,\s*"(?:[^"]*/)?(\w+\.erl)"\},\s*\{line,\s*\d+\}')

def normal(text, own):
    """[text] without what changes from run to run; [own]: the case's sources."""
    for pattern, to in CHANGING[:-1]:
        text = pattern.sub(to, text)
    text = PLACE.sub(lambda m: m[0] if (m[1] or m[2]) in own
                     else f'({m[1] or m[2]})', text)
    text = CHANGING[-1][0].sub('', text)
    text = ' '.join(' '.join(l.split()) for l in text.split('\n') if l.strip())
    return re.sub(r'(?<=[,|(\[{]) ', '', text)

def answers(case, shell, timeout=20):
    """The inputs of a case and what [shell] answers."""
    args, inputs = read_session(os.path.join(case, 'session'))
    with tempfile.TemporaryDirectory() as cwd:
        for name in os.listdir(case):
            path = os.path.join(case, name)
            if name in ('session', 'expected'):
                continue
            (shutil.copytree if os.path.isdir(path) else shutil.copy2)(
                path, os.path.join(cwd, name))
        sh = Shell(f'exec {shell} {args}', cwd)
        got = []
        try:
            _, why = sh.answer(timeout, 60)
            for i in inputs:
                if why == 'eof':
                    got.append('(the shell has ended)')
                    continue
                sh.send(i.text)
                text, why = sh.answer(timeout, i.settle)
                got.append(text + ('\n(no prompt in time)' if why == 'timeout' else ''))
        finally:
            sh.end()
    return inputs, [g.replace(cwd, 'CWD') for g in got]

def check(case, shell):
    """None when all answers agree, else a text of the first that do not."""
    inputs, got = answers(case, shell)
    want = read_expected(os.path.join(case, 'expected'))
    own = {n for n in os.listdir(case) if n.endswith('.erl')}
    wrong = [(i, w, g) for i, w, g in zip(inputs, want + [''] * len(inputs), got)
             if not i.loose and normal(w, own) != normal(g, own)]
    if not wrong:
        return None
    return '\n'.join(f'> {i.text.strip()}\nexpected:\n{w}\ngot:\n{g}'
                     for i, w, g in wrong[:3])

def record(case, shell):
    """Writes the answers of a reference shell."""
    _, got = answers(case, shell)
    with open(os.path.join(case, 'expected'), 'w', encoding='utf-8') as f:
        f.writelines(f'=== {n}\n{g}\n' for n, g in enumerate(got, 1))
