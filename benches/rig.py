"""What benches/aims drives: the program and its server, and the clocks and meters on them."""

import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
Measured = namedtuple("Measured", "seconds peak_megabytes peak_anonymous output")
# Tokens are made here, for servers of the benchmark alone.
SECRET = "a secret of the benchmark's own servers, which nobody else is told of"
program = None
running = []


def say(words):
    print(f"== {words}", file=sys.stderr, flush=True)


def need():
    """Stops with the command that brings what is missing."""
    packages = {"wrk": "wrk", "sqlite3": "sqlite3", "curl": "curl"}
    missing = [package for command, package in packages.items() if not shutil.which(command)]
    if not postgres_programs():
        missing.append("postgresql")
    if missing:
        sys.exit(f"missing: sudo apt-get install {' '.join(missing)}")


def build(profile, binary):
    """Builds the program, or takes one that is built."""
    global program
    if binary:
        program = str(binary.resolve())
        return
    if not shutil.which("cargo"):
        sys.exit("cargo is missing: https://rustup.rs says how to install Rust")
    say(f"cargo build --profile {profile}")
    subprocess.run(["cargo", "build", "--locked", "--profile", profile], cwd=PROJECT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target"))
    program = str(target / {"dev": "debug"}.get(profile, profile) / "countinghouse")


def identity():
    """What tells the program from another build of it."""
    return str(Path(program).stat().st_mtime_ns)


def environment(database=None, kept_bytes=None):
    variables = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    variables["JWT_SECRET"] = SECRET
    # What a machine can answer is measured, not what one credential may ask.
    variables |= {f"COUNTINGHOUSE_RATE_LIMITS_{api}": "none" for api in ("GRAPHQL", "DISTRIBU", "HELDSWAY")}
    if kept_bytes is not None:
        variables["COUNTINGHOUSE_KEPT_BYTES"] = str(kept_bytes)
    return variables | ({"DATABASE_URL": database} if database else {})


def countinghouse(*arguments, database=None):
    """Runs a command of the program and returns what it printed."""
    done = subprocess.run([program, *arguments], env=environment(database), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"countinghouse {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def measured(*arguments, database):
    """Runs a command of the program; how long it took, the most memory it held, and how much of that was no page of a file."""
    start = time.monotonic()
    process = subprocess.Popen([program, *arguments], env=environment(database), stdout=subprocess.PIPE, text=True)
    anonymous, ended = [0], threading.Event()

    def watch():
        while not ended.wait(0.05):
            anonymous.append(memory(process.pid, "RssAnon"))

    watching = threading.Thread(target=watch)
    watching.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    ended.set()
    watching.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"countinghouse {' '.join(arguments)} ended with {process.returncode}")
    return Measured(time.monotonic() - start, usage.ru_maxrss / 1024, max(anonymous), output)


def count_lines(file):
    with open(file, "rb") as content:
        return sum(block.count(b"\n") for block in iter(lambda: content.read(1 << 20), b""))


def machine():
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1024**2
    return f"{os.cpu_count()} × {models[0] if models else platform.machine()}, {memory:.0f} GB, {time.strftime('%Y-%m-%d')}"


class Server:
    """`countinghouse serve` over a database; without `kept_bytes` it keeps answers as it does by itself."""

    most_memory = []

    def __init__(self, database, kept_bytes=None):
        command = [program, "serve", "--listen", "127.0.0.1:0", "--log-level", "error"]
        self.process = subprocess.Popen(command, env=environment(database, kept_bytes), stdout=subprocess.PIPE, text=True)
        running.append(self.process)
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group(0)
        for _ in range(200):
            if subprocess.run(["curl", "-sfo", "/dev/null", f"{self.url}/health/ready"]).returncode == 0:
                return
            time.sleep(0.05)
        sys.exit("the server is not ready")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.note_memory()
        self.process.terminate()
        self.process.wait()

    def ask(self, request):
        """Seconds that an answer took, and its text; one with errors stops the benchmark."""
        headers = {"authorization": f"Bearer {request.token}", "content-type": request.media}
        headers = {name: value for name, value in headers.items() if value}
        body = request.body.encode() if request.body else None
        sent = urllib.request.Request(self.url + request.path, body, headers, method=request.method)
        start = time.monotonic()
        try:
            with urllib.request.urlopen(sent) as reply:
                content = reply.read()
        except urllib.error.HTTPError as refusal:
            sys.exit(f"{request.method} {request.path}: {refusal.code} {refusal.read().decode(errors='replace')}")
        seconds = time.monotonic() - start
        answer = content.decode(errors="replace")
        if request.path.startswith("/graphql") and "errors" in json.loads(answer):
            sys.exit(f"{request.body}: {answer}")
        return seconds, answer

    def refusal(self, request):
        """What a request is refused with; nothing where it is answered."""
        sent = urllib.request.Request(self.url + request.path, headers={"authorization": f"Bearer {request.token}"})
        try:
            urllib.request.urlopen(sent).close()
        except urllib.error.HTTPError as refusal:
            return f"{refusal.code} {refusal.read().decode(errors='replace')}"
        return None

    def warm(self, request, seconds=4):
        """Asks until each of the server's connections has read what it needs; the milliseconds that the first answer took."""
        end = time.monotonic() + seconds
        first = self.ask(request)[0] * 1000
        while time.monotonic() < end:
            self.ask(request)
        return first

    def median(self, requests):
        """The median and the least of what each of these took, in milliseconds."""
        times = [self.ask(request)[0] * 1000 for request in requests]
        return statistics.median(times), min(times)

    def fetch(self, path):
        request = urllib.request.Request(self.url + path, headers={"accept-encoding": "identity"})
        with urllib.request.urlopen(request) as reply:
            return reply.read().decode(errors="replace")

    def static_route(self, size):
        """The path of a static file that is sent in about so many bytes, and how many those are."""
        assets, seen = re.compile(r"[\w.-]+-[\w-]{8}\.(?:js|css)"), set()
        new = {name for page in ("/playground", "/docs") for name in assets.findall(self.fetch(page))}
        while new - seen:
            name = (new - seen).pop()
            seen.add(name)
            new |= set(assets.findall(self.fetch(f"/playground/assets/{name}")))
        sizes = {}
        for name in seen:
            path = f"/playground/assets/{name}"
            request = urllib.request.Request(self.url + path, headers={"accept-encoding": "br"})
            with urllib.request.urlopen(request) as reply:
                sizes[path] = len(reply.read())
        path = min(sizes, key=lambda path: abs(sizes[path] - size))
        return path, sizes[path]

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def note_memory(self):
        """Remembers the most that the process held, and what of it is no page of a file, in megabytes."""
        Server.most_memory.append((memory(self.process.pid, "VmHWM"), memory(self.process.pid, "RssAnon")))


def memory(process, kind):
    """A line of what the system counts of a process, in megabytes; 0 where it ended."""
    try:
        found = re.search(rf"{kind}:\s*(\d+)", Path(f"/proc/{process}/status").read_text())
    except OSError:
        found = None
    return int(found.group(1)) / 1024 if found else 0


def postgres_programs():
    """The newest of Debian's folders of server programs, else the one on PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return found and str(Path(found).parent)


def stop_everything():
    for process in reversed(running):
        if process.poll() is None:
            process.terminate()
            process.wait()
