"""Load on a server: wrk with a list of requests."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path

Request = namedtuple("Request", "method path token media body", defaults=("", "", ""))
Load = namedtuple("Load", "rate p50 p99 refused broken requests cpu_micros")
SCRIPT = Path(__file__).resolve().parent / "requests.lua"


def graphql(query, token):
    """A GraphQL request."""
    return Request("POST", "/graphql", token, "application/json", json.dumps({"query": query}))


def load(server, requests, seconds, clients, *, pause=None, check=False, coding=None, may_fail=False):
    """What came of so many clients asking one request after the other; times are in milliseconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.writelines("\t".join(request) + "\n" for request in requests)
        file.flush()
        # Numbers of requests that are never the same differ from those of the run before.
        said = {"REQUESTS": file.name, "FIRST": str(time.time_ns() // 1_000_000), "PAUSE": pause, "CHECK": check and "1", "CODING": coding}
        variables = os.environ | {name: str(value) for name, value in said.items() if value}
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "60s", "-s", str(SCRIPT), server.url]
        before = server.cpu_seconds()
        done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    used = server.cpu_seconds() - before
    server.note_memory()
    told = json.loads(done.stdout.strip().splitlines()[-1])
    if (told["refused"] or told["broken"] or not told["requests"]) and not may_fail:
        sys.exit(f"not answered under load: {told}, {requests[0].path}")
    count = told["requests"]
    rate, micros = count / told["seconds"], used / count * 1e6 if count else 0
    return Load(rate, told["p50"], told["p99"], told["refused"], told["broken"], count, micros)
