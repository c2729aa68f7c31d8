"""What benches/run drives: the program and its server, the two databases, and the clocks and meters on them."""

import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import namedtuple
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
Measured = namedtuple("Measured", "seconds peak_megabytes output")
Load = namedtuple("Load", "rate cpu_micros")
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
    if not shutil.which("cargo"):
        sys.exit("cargo is missing: https://rustup.rs says how to install Rust")
    if missing:
        sys.exit(f"missing: sudo apt-get install {' '.join(missing)}")


def build(profile):
    global program
    say(f"cargo build --profile {profile}")
    subprocess.run(["cargo", "build", "--locked", "--profile", profile], cwd=PROJECT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target"))
    program = str(target / {"dev": "debug"}.get(profile, profile) / "countinghouse")


def environment(database=None, kept_bytes=0):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    # What a machine can answer is measured, not what one credential may ask.
    kept["COUNTINGHOUSE_RATE_LIMITS_GRAPHQL"] = "none"
    kept["COUNTINGHOUSE_KEPT_BYTES"] = str(kept_bytes)
    return kept | ({"DATABASE_URL": database} if database else {})


def countinghouse(*arguments, database=None):
    """Runs a command of the program and returns what it printed."""
    done = subprocess.run([program, *arguments], env=environment(database), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"countinghouse {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def measured(*arguments, database):
    """Runs a command of the program; how long it took and the most memory it held."""
    start = time.monotonic()
    process = subprocess.Popen([program, *arguments], env=environment(database), stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"countinghouse {' '.join(arguments)} ended with {process.returncode}")
    return Measured(time.monotonic() - start, usage.ru_maxrss / 1024, output)


def count_lines(file):
    with open(file, "rb") as content:
        return sum(block.count(b"\n") for block in iter(lambda: content.read(1 << 20), b""))


def machine():
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()).group(1)) / 1024**2
    return f"{os.cpu_count()} × {models[0] if models else platform.machine()}, {memory:.0f} GB, {time.strftime('%Y-%m-%d')}"


class Server:
    """`countinghouse serve` over a database."""

    def __init__(self, database, kept_bytes=0):
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
        self.process.terminate()
        self.process.wait()

    def time(self, key, query):
        """Seconds that an answer took; one with errors stops the benchmark."""
        body = json.dumps({"query": query}).encode()
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        start = time.monotonic()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/graphql", body, headers)) as reply:
            text = reply.read()
        answer = json.loads(text)
        self.answered = len(text)
        seconds = time.monotonic() - start
        if "errors" in answer:
            sys.exit(f"{query}: {answer['errors']}")
        return seconds

    def load(self, key, query, seconds, path="/health/live", connections=16):
        """So many connections for so many seconds; without a query, the static route at `path`, as it is stored."""
        script = ["-s", str(PROJECT / "benches" / "graphql.lua")] if query else ["-H", "Accept-Encoding: br"]
        path = "/graphql" if query else path
        variables = {"KEY": key, "BODY": json.dumps({"query": query})}
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *script, self.url + path]
        subprocess.run([*command[:3], "-d1s", *command[4:]], env=os.environ | variables, stdout=subprocess.DEVNULL)
        before = self.cpu_seconds()
        done = subprocess.run(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True, check=True)
        used = self.cpu_seconds() - before
        if "Non-2xx" in done.stdout:
            sys.exit(f"refused under load: {done.stdout}")
        requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
        rate = float(re.search(r"Requests/sec:\s*([\d.]+)", done.stdout).group(1))
        return Load(rate, used / requests * 1e6)

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

    def peak_megabytes(self):
        return int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{self.process.pid}/status").read_text()).group(1)) / 1024


# As the server sets them: as durable, with as much memory.
SETTINGS = "PRAGMA synchronous = FULL;\nPRAGMA cache_size = -65536;\nPRAGMA mmap_size = 268435456;\n"


class Sqlite:
    """SQLite files in a folder."""

    name, title, loader = "sqlite", "SQLite", ".import"
    main, plain = "bench", "plain"

    def __init__(self, folder):
        self.folder = folder

    def file(self, database):
        return self.folder / f"{database}.db"

    def url(self, database=main):
        return f"sqlite://{self.file(database)}"

    def is_new(self):
        return not self.file(self.main).exists()

    def create(self, database):
        for file in self.folder.glob(f"{database}.db*"):
            file.unlink()

    def run(self, database, script):
        command = ["sqlite3", "-bail", str(self.file(database))]
        subprocess.run(command, input=script, text=True, check=True, stdout=subprocess.DEVNULL)

    def export(self, tables, folder):
        folder.mkdir(exist_ok=True)
        files = {table: folder / f"{table}.csv" for table in ["organizations", *tables]}
        self.run(self.main, "".join(f".mode csv\n.output {file}\nSELECT * FROM {table};\n" for table, file in files.items()))
        return files

    def load(self, tables, files):
        """`.import` writes '' where a field is empty, which no foreign key would take: they are not checked here."""
        script = "".join(f".import --csv {files[table]} {table}\n" for table in ["organizations", *tables])
        start = time.monotonic()
        self.run(self.plain, f"{SETTINGS}{script}PRAGMA wal_checkpoint(TRUNCATE);\n")
        return time.monotonic() - start

    def settle(self):
        self.run(self.main, "PRAGMA wal_checkpoint(TRUNCATE);\n")


class Postgres:
    """A PostgreSQL cluster of the benchmark's own, on a socket, with the settings that it is shipped with."""

    name, title, loader = "postgres", "PostgreSQL", "COPY"
    main, plain = "bench", "plain"

    def __init__(self, folder):
        # A socket's path is short; the data may be large and stays in the folder.
        self.socket = tempfile.mkdtemp(prefix="chb-", dir="/tmp")
        self.data = folder / "postgres"
        self.switch = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.socket, user.pw_uid, user.pw_gid)
            folder.chmod(0o755)
            self.data.mkdir(exist_ok=True)
            os.chown(self.data, user.pw_uid, user.pw_gid)
        programs = postgres_programs()
        if not (self.data / "PG_VERSION").exists():
            self.as_user(f"{programs}/initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.socket}"
        self.control = [f"{programs}/pg_ctl", "-D", str(self.data), "-w", "-l", f"{self.socket}/log"]
        self.as_user(*self.control, "-o", options, "start")
        running.append(self)

    def as_user(self, *command):
        subprocess.run([*self.switch, *command], cwd="/", check=True, stdout=subprocess.DEVNULL)

    def terminate(self):
        self.as_user(*self.control, "-m", "fast", "stop")
        shutil.rmtree(self.socket)

    def wait(self):
        pass

    def poll(self):
        return None

    def url(self, database=main):
        return f"postgres://postgres@localhost/{database}?host={self.socket}"

    def psql(self, database, *arguments):
        command = ["psql", "-h", self.socket, "-U", "postgres", "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def is_new(self):
        return not self.psql("postgres", "-c", f"SELECT 1 FROM pg_database WHERE datname = '{self.main}'")

    def create(self, database):
        self.psql("postgres", "-c", f"DROP DATABASE IF EXISTS {database}", "-c", f"CREATE DATABASE {database}")

    def export(self, tables, folder):
        folder.mkdir(exist_ok=True)
        files = {table: folder / f"{table}.csv" for table in ["organizations", *tables]}
        for table, file in files.items():
            self.psql(self.main, "-c", f"\\copy {table} TO '{file}' CSV")
        return files

    def load(self, tables, files):
        """One transaction, parents first; foreign keys and indexes are all there."""
        copies = [f"\\copy {table} FROM '{files[table]}' CSV" for table in ["organizations", *tables]]
        start = time.monotonic()
        self.psql(self.plain, "-1", *(word for copy in copies for word in ("-c", copy)))
        return time.monotonic() - start

    def settle(self):
        """What the server does by itself within minutes of an import."""
        self.psql(self.main, "-c", "VACUUM ANALYZE")


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
