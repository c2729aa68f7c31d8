"""Row 5: what ten times as much data costs."""

import rig
from load import graphql
from rows import documented
from table import Line, at_most, number
from tiles import WHOLE

STEPS, AIM = [100, 10, 1], 1.5


def steps(bench):
    """The dashboard, and the quickest and the slowest documented request, at a hundredth, a tenth and all of the orders."""
    if not bench.requests:
        documented.every(bench)
    works = {"ten tiles": None, f"quickest: {bench.quickest}": bench.quickest, f"slowest: {bench.slowest}": bench.slowest}
    counts = [bench.orders // part for part in STEPS]
    times = {work: [] for work in works}
    for orders in counts:
        site = bench.site(orders).made()
        rig.say(f"{bench.engine.title}: growth, {orders:,} orders")
        with site.server(kept_bytes=0) as server:
            requests = documented.documented(server, site)
            for work, name in works.items():
                asked = [graphql(WHOLE, site.token)] * bench.samples if name is None else requests[name][: bench.samples]
                server.warm(asked[0])
                times[work].append(server.median(asked)[0])
    lines = []
    for work, each in times.items():
        ratios = [after / before for before, after in zip(each, each[1:])]
        figure = " → ".join(f"{number(time)} ms" for time in each) + "; × " + ", × ".join(map(number, ratios))
        told = f"growth, {' → '.join(f'{count:,}' for count in counts)} orders, nothing cached, one client: {work}"
        lines.append(Line(5, bench.engine.title, told, "–", f"≤ × {AIM} per step", figure, at_most(AIM, max(ratios))))
    return lines
