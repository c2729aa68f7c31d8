"""One database's part of a run: the generated organizations in it, their credentials, and servers over them."""

import random
import time

import rig
from engines import ROLLUPS, TABLES
from tiles import END

ORGANIZATION, CORNER, MANY = "bench", "corner", "many"
CORNER_ORDERS, MANY_ORDERS, ORGANIZATIONS = 2_000, 1_000, 200


class Site:
    """A database with one organization of so many orders."""

    def __init__(self, bench, orders):
        self.engine, self.orders, self.database = bench.engine, orders, f"shop{orders}"
        self.shop = written(bench.folder, orders)
        self.url = self.engine.url(self.database)
        self.marker = bench.folder / f"{bench.engine.name}-{self.database}.added-up"
        self.token = token(ORGANIZATION)

    def server(self, kept_bytes=None):
        return rig.Server(self.url, kept_bytes)

    def imported(self):
        """Imports the organization into a new database."""
        rig.say(f"{self.engine.title}: import of {self.orders:,} orders")
        self.engine.create(self.database)
        return imported(self.url, ORGANIZATION, self.shop)

    def rebuilt(self):
        """Adds the organization up anew."""
        rig.say(f"{self.engine.title}: rollups of {self.orders:,} orders")
        done = rig.measured("rollup", "--rebuild", "--org", ORGANIZATION, database=self.url)
        # Another build may keep other rollups, and would add them up while it is measured.
        self.marker.write_text(rig.identity())
        return done

    def made(self):
        """The same site, made where it is not there yet and brought up to date where it is."""
        if not self.engine.has(self.database):
            self.imported()
        rig.countinghouse("migrate", database=self.url)
        where = f"external_id = '{ORGANIZATION}' AND has_rollups"
        is_added_up = self.engine.run(self.database, f"SELECT COUNT(*) FROM organizations WHERE {where};") == "1"
        if not (is_added_up and self.marker.exists() and self.marker.read_text() == rig.identity()):
            self.rebuilt()
            self.engine.settle(self.database)
        return self

    def key(self):
        """What rows of the organization carry."""
        return self.engine.run(self.database, f"SELECT id FROM organizations WHERE external_id = '{ORGANIZATION}';")


class Bench:
    """What is measured on one database."""

    def __init__(self, engine, folder, given):
        self.engine, self.folder = engine, folder
        self.orders, self.seconds, self.samples = given.orders, given.seconds, given.samples
        # What one row found out that another tells of.
        self.requests, self.rebuilt = {}, None

    def site(self, orders=None):
        return Site(self, orders or self.orders)

    def rest(self, server, most=60):
        """Waits until nothing is worked on any more that clients who left had asked."""
        end = time.monotonic() + most
        while time.monotonic() < end:
            before = server.cpu_seconds()
            time.sleep(0.3)
            if server.cpu_seconds() - before < 0.03 and not self.engine.is_busy():
                return

    def many(self):
        """A database with 200 organizations, all but the first copied from it; its address and their names."""
        names = [f"{MANY}-{number:03}" for number in range(1, ORGANIZATIONS + 1)]
        url = self.engine.url(MANY)
        marker = self.folder / f"{self.engine.name}-{MANY}.added-up"
        is_current = marker.exists() and marker.read_text() == rig.identity()
        count = "SELECT COUNT(*) FROM organizations;"
        if not (is_current and self.engine.has(MANY) and self.engine.run(MANY, count) == str(ORGANIZATIONS)):
            rig.say(f"{self.engine.title}: {ORGANIZATIONS} organizations of {MANY_ORDERS:,} orders")
            self.engine.create(MANY)
            imported(url, names[0], written(self.folder, MANY_ORDERS))
            rig.countinghouse("rollup", "--rebuild", database=url)
            self.copy(names)
            self.engine.settle(MANY)
            marker.write_text(rig.identity())
        return url, names

    def copy(self, names):
        """Gives each of the organizations behind the first the rows of the first, rollups among them."""
        first = self.engine.run(MANY, "SELECT id FROM organizations;")
        keys = {int(first) + number: name for number, name in enumerate(names[1:], start=1)}
        copies = []
        others = [name for name in self.engine.columns(MANY, "organizations") if name not in ("id", "external_id")]
        for key, name in keys.items():
            columns = ", ".join(others)
            copies.append(f"INSERT INTO organizations (id, external_id, {columns}) SELECT {key}, '{name}', {columns} FROM organizations WHERE id = {first};")
        for table in [*TABLES, *ROLLUPS]:
            others = ", ".join(f'"{name}"' for name in self.engine.columns(MANY, table) if name != "organization_id")
            copies += [
                f"INSERT INTO {table} (organization_id, {others}) SELECT {key}, {others} FROM {table} WHERE organization_id = {first};"
                for key in keys
            ]
        self.engine.run(MANY, "BEGIN;\n" + "\n".join(copies) + "\nCOMMIT;\n")


def written(folder, orders):
    """The folder of the generated organization's files."""
    shop = folder / f"files{orders}"
    if not shop.exists():
        rig.say(f"generating {orders:,} orders")
        rig.countinghouse("demo", "--orders", str(orders), "--end", END, "--write", str(shop))
    return shop


def imported(url, organization, shop):
    return rig.measured("import", "--org", organization, "--create-org", "--currency", "EUR", "--time-zone", "UTC", "--json", str(shop), database=url)


def token(organization):
    """A credential that may do everything within an organization."""
    return rig.countinghouse("token", "--org", organization, "--role", "Admin", "--ttl", "24h").strip()


def shuffled(rows):
    """Always in the same order, and in none."""
    rows = list(rows)
    random.Random(7).shuffle(rows)
    return rows
