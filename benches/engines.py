"""The two databases, and each one's own ways of copying, loading and asking."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import rig

# As the server sets them: as durable, with as much memory.
SETTINGS = "PRAGMA synchronous = FULL;\nPRAGMA cache_size = -65536;\nPRAGMA mmap_size = 268435456;\n"
# What an organization's rows are in, parents first.
TABLES = (
    "customers sales_reps categories products orders order_items refunds stock_movements deals deal_stages subscriptions employees "
    "attendance tickets campaigns campaign_days affiliates tracking_codes events conversions exchange_rates"
).split()
ROLLUPS = ["rollups", "rollup_states", "stale_days"]
STAGE = "stage"


class Sqlite:
    """SQLite files in a folder."""

    name, title, loader = "sqlite", "SQLite", ".import"

    def __init__(self, folder):
        self.folder = folder

    def file(self, database):
        return self.folder / f"{database}.db"

    def url(self, database):
        return f"sqlite://{self.file(database)}"

    def has(self, database):
        return self.file(database).exists()

    def drop(self, database):
        for file in self.folder.glob(f"{database}.db*"):
            file.unlink()

    def create(self, database):
        self.drop(database)

    def run(self, database, script):
        """What statements print, fields parted by `|`."""
        command = ["sqlite3", "-bail", "-cmd", ".timeout 60000", str(self.file(database))]
        return subprocess.run(command, input=script, text=True, check=True, stdout=subprocess.PIPE).stdout.strip()

    def columns(self, database, table):
        """A table's columns, without those that are worked out of others."""
        return self.run(database, f"SELECT name FROM pragma_table_info('{table}');").splitlines()

    def export(self, database, folder):
        folder.mkdir(exist_ok=True)
        files = {table: folder / f"{table}.csv" for table in ["organizations", *TABLES]}
        select = lambda table: f"SELECT {', '.join(map(quoted, self.columns(database, table)))} FROM {table}"
        self.run(database, "".join(f".mode csv\n.output {file}\n{select(table)};\n" for table, file in files.items()))
        return files

    def load(self, database, files):
        """`.import` writes '' where a field is empty, which no foreign key would take: they are not checked here. It cannot fill a table that has
        columns worked out of others: such a table's rows lie in a file of SQLite's own before the clock starts, and are copied."""
        self.create(STAGE)
        names = {table: ", ".join(map(quoted, self.columns(database, table))) for table in files}
        staged = [table for table in files if self.run(database, f"SELECT 1 FROM pragma_table_xinfo('{table}') WHERE hidden > 0 LIMIT 1;")]
        for table in staged:
            self.run(STAGE, f"CREATE TABLE {table} ({names[table]});\n.import --csv {files[table]} {table}\n")
        copy = lambda table: f"INSERT INTO {table} ({names[table]}) SELECT {names[table]} FROM stage.{table};\n"
        script = "".join(copy(table) if table in staged else f".import --csv {file} {table}\n" for table, file in files.items())
        start = time.monotonic()
        self.run(database, f"ATTACH '{self.file(STAGE)}' AS stage;\n{SETTINGS}{script}PRAGMA wal_checkpoint(TRUNCATE);\n")
        seconds = time.monotonic() - start
        self.drop(STAGE)
        return seconds

    def is_busy(self):
        """Whether anything is read or written apart from the server's own process."""
        return False

    def settle(self, database):
        self.run(database, "PRAGMA wal_checkpoint(TRUNCATE);\n")


class Postgres:
    """A PostgreSQL cluster of the benchmark's own, on a socket, with the settings that it is shipped with."""

    name, title, loader = "postgres", "PostgreSQL", "COPY"

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
        programs = rig.postgres_programs()
        if not (self.data / "PG_VERSION").exists():
            self.as_user(f"{programs}/initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-c listen_addresses='' -c unix_socket_directories={self.socket}"
        self.control = [f"{programs}/pg_ctl", "-D", str(self.data), "-w", "-l", f"{self.socket}/log"]
        self.as_user(*self.control, "-o", options, "start")
        rig.running.append(self)

    def as_user(self, *command):
        subprocess.run([*self.switch, *command], cwd="/", check=True, stdout=subprocess.DEVNULL)

    def terminate(self):
        self.as_user(*self.control, "-m", "fast", "stop")
        shutil.rmtree(self.socket)

    def wait(self):
        pass

    def poll(self):
        return None

    def url(self, database):
        return f"postgres://postgres@localhost/{database}?host={self.socket}"

    def psql(self, database, *arguments, script=""):
        command = ["psql", "-h", self.socket, "-U", "postgres", "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1", *arguments]
        return subprocess.run(command, input=script, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def run(self, database, script):
        """What statements print, fields parted by `|`."""
        return self.psql(database, script=script)

    def has(self, database):
        return bool(self.run("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{database}'"))

    def drop(self, database):
        self.run("postgres", f"SET client_min_messages = error; DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def create(self, database):
        self.drop(database)
        self.run("postgres", f"CREATE DATABASE {database}")

    def columns(self, database, table):
        """A table's columns, without those that are worked out of others."""
        where = f"table_name = '{table}' AND is_generated = 'NEVER' ORDER BY ordinal_position"
        return self.run(database, f"SELECT column_name FROM information_schema.columns WHERE {where}").splitlines()

    def export(self, database, folder):
        folder.mkdir(exist_ok=True)
        files = {table: folder / f"{table}.csv" for table in ["organizations", *TABLES]}
        for table, file in files.items():
            self.psql(database, "-c", f"\\copy {table} TO '{file}' CSV")
        return files

    def load(self, database, files):
        """One transaction, parents first; foreign keys and indexes are all there."""
        copies = [f"\\copy {table} FROM '{file}' CSV" for table, file in files.items()]
        start = time.monotonic()
        self.psql(database, "-1", *(word for copy in copies for word in ("-c", copy)))
        return time.monotonic() - start

    def is_busy(self):
        """Whether anything is read or written apart from the server's own process."""
        return self.run("postgres", "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()") != "0"

    def settle(self, database):
        """What the server does by itself within minutes of an import."""
        self.run(database, "VACUUM ANALYZE")


def quoted(name):
    return f'"{name}"'
