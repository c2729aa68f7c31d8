"""Row 10: what rollups cost who writes, and what adding up one organization costs another's readers."""

import threading

import rig
from bench import CORNER, CORNER_ORDERS, ORGANIZATION, imported, token, written
from load import graphql, load
from rows.dashboard import first_customers, settled
from rows.many import order
from table import Line, at_most, number

READERS, PAUSE = 8, 20
# As many customers order in turn: one who orders all the time would be no customer of a shop.
CUSTOMERS = 1_000


def single(bench):
    """Orders one by one, of one client, with rollups and without; then a small organization's readers while the large one is added up."""
    site, engine, title = bench.site().made(), bench.engine, bench.engine.title
    ensure_corner(bench, site)
    write = [order(site.token, customer) for customer in first_customers(engine, site.database, ORGANIZATION, CUSTOMERS)]
    rig.say(f"{title}: single orders")
    with site.server() as server:
        load(server, write, 1, 1)
        kept = load(server, write, bench.seconds, 1)
        settled(site)
    # Writes say which days they touch of an organization that has rollups, and a server adds those up. Taken for one that has none, and
    # none of whose blocks is missing, it costs neither; the rebuild below makes up for it.
    engine.run(site.database, f"UPDATE organizations SET has_rollups = FALSE WHERE external_id = '{ORGANIZATION}';")
    with site.server() as server:
        load(server, write, 1, 1)
        without = load(server, write, bench.seconds, 1)
    ratio = kept.rate / without.rate
    figure = f"{kept.rate:,.0f}/s, p99 {number(kept.p99)} ms"
    beside = f"without rollups {without.rate:,.0f}/s, p99 {number(without.p99)} ms"
    lines = [Line(10, title, "single orders of customers, through the ingest API, one client", beside, "", f"{figure}; {ratio:.2f} of the rate", "")]
    return [*lines, backfill(bench, site)]


def backfill(bench, site):
    """Readers who come twenty milliseconds after their last answer, without anything kept."""
    rig.say(f"{bench.engine.title}: readers beside a rebuild")
    credential = token(CORNER)
    months = [(f"2026-{month:02}-{day:02}", f"2026-{month + 1:02}-{day:02}") for month in range(1, 10) for day in range(1, 29)]
    question = '{{ revenue(period: {{range: {{from: "{}", to: "{}"}}}}) {{ totals {{ revenue {{ amount }} orders }} }} }}'
    reads = [graphql(question.format(*month), credential) for month in months]
    seconds = min(60, max(bench.seconds, bench.rebuilt.seconds if bench.rebuilt else 0))
    with site.server(kept_bytes=0) as server:
        server.ask(reads[0])
        load(server, reads, 1, READERS, pause=PAUSE)
        quiet = load(server, reads, bench.seconds, READERS, pause=PAUSE, check=True)
        with Rebuilds(site) as rebuilds:
            busy = load(server, reads, round(seconds), READERS, pause=PAUSE, check=True)
    ratio = busy.p99 / quiet.p99
    figure = f"p99 {number(busy.p99)} ms, p50 {number(busy.p50)} ({ratio:.1f} ×); {rebuilds.count} rebuilds"
    yardstick = f"nothing runs: p99 {number(quiet.p99)} ms, p50 {number(quiet.p50)}"
    work = f"another organization's reads while {bench.orders:,} orders are added up, {READERS} readers"
    return Line(10, bench.engine.title, work, yardstick, "≤ 2 × its p99", figure, at_most(2, ratio))


class Rebuilds:
    """Adds the large organization up, again and again, until it is left, and then to the end."""

    def __init__(self, site):
        self.site, self.count, self.left = site, 0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        while not self.left.is_set():
            self.site.rebuilt()
            self.count += 1

    def __exit__(self, *_):
        self.left.set()
        self.thread.join()


def ensure_corner(bench, site):
    """A small shop in the same database."""
    if site.engine.run(site.database, f"SELECT id FROM organizations WHERE external_id = '{CORNER}';"):
        return
    imported(site.url, CORNER, written(bench.folder, CORNER_ORDERS))
    rig.measured("rollup", "--rebuild", "--org", CORNER, database=site.url)
