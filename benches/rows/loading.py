"""Rows 7 and 8: importing a folder into an empty database, and adding up what is in it."""

import shutil

import rig
from table import Line, at_least, at_most

PLAIN = "plain"


def imported(bench):
    """The import, then the rollups, beside the database's own loading of the same rows into the same tables with the same indexes."""
    engine, site = bench.engine, bench.site()
    rows = sum(rig.count_lines(file) - 1 for file in site.shop.glob("*.csv"))
    done = site.imported()
    rebuilt = bench.rebuilt = site.rebuilt()
    again = rig.measured("import", "--org", "bench", "--json", str(site.shop), database=site.url)
    rig.say(f"{engine.title}: {engine.loader} of the same rows")
    files = engine.export(site.database, bench.folder / f"tables-{engine.name}")
    engine.create(PLAIN)
    rig.countinghouse("migrate", database=engine.url(PLAIN))
    loaded = engine.load(PLAIN, files)
    engine.drop(PLAIN)
    shutil.rmtree(bench.folder / f"tables-{engine.name}")
    engine.settle(site.database)
    both = done.seconds + rebuilt.seconds
    rate = lambda seconds: f"{seconds:.1f} s, {rows / seconds:,.0f} rows/s"
    yardstick = f"{engine.loader} {rate(loaded)}"
    line = lambda work, *rest: Line(7, engine.title, work, *rest)
    peak = max(done.peak_megabytes, rebuilt.peak_megabytes)
    told = lambda part: f"{part.peak_megabytes:.0f} MB, {part.peak_anonymous:.0f} of it no pages of files"
    return [
        line(f"import of {rows:,} rows, indexes and rollups included", yardstick, "≥ 0.5 of its rate", f"{loaded / both:.2f}: {rate(both)}", at_least(0.5, loaded / both)),
        line("– the import alone", yardstick, "", f"{loaded / done.seconds:.2f}: {rate(done.seconds)}", ""),
        line("– the rollups alone", "", "", f"{rebuilt.seconds:.1f} s", ""),
        line("– the same import again", "", "", rate(again.seconds), ""),
        line("memory of it", "–", "≤ 300 MB", f"{peak:.0f} MB (import {told(done)}; rollups {told(rebuilt)})", at_most(300, peak)),
    ]


def rebuilt(bench):
    """All rollups of the organization, from nothing."""
    site = bench.site().made()
    done = bench.rebuilt = bench.rebuilt or site.rebuilt()
    lines = rig.count_lines(site.shop / "order_items.csv") - 1
    work = f"rollup rebuild: {lines:,} lines, and all else"
    return [Line(8, bench.engine.title, work, "–", "≤ 60 s", f"{done.seconds:.1f} s", at_most(60, done.seconds))]


def memory(bench):
    """Row 9: the most that any server of rows 1 to 6 held, of which what is no page of a file cannot be given back."""
    if not rig.Server.most_memory:
        return []
    total, anonymous = (max(each) for each in zip(*rig.Server.most_memory))
    figure = f"{total:.0f} MB, {anonymous:.0f} of it no pages of files"
    return [Line(9, bench.engine.title, "memory of the server, the most in any row above", "–", "≤ 400 MB", figure, at_most(400, total))]
