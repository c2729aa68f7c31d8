"""Rows 1 to 3: ten tiles over one year as one request, asked the first time, again, and right after an order was written."""

import json
import statistics
import sys
import time
from decimal import Decimal

import rig
import yardsticks
from bench import ORGANIZATION
from load import Request, graphql, load
from table import Line, at_least, at_most, number
from tiles import END, TILES, WHOLE, answered, differences

AIM = {"sqlite": 15, "postgres": 25}
VIEWER = "{ viewer { subject organization { id name currency } } }"
DAY = '{ revenue(period: {range: {from: "2026-10-30", to: "2026-10-30"}}) { totals { revenue { amount } } } }'
MEASURED_BY_HAND = 3
# Orders of row 3 before those that are timed, and those: more than are read by their keys until their days are added up again.
WARMING, TIMED = 40, 300


def uncached(bench):
    """Nothing is kept: each request reads what it tells, and other databases answer the same to the cent."""
    site, title = bench.site().made(), bench.engine.title
    rig.say(f"{title}: dashboard, nothing cached")
    with site.server(kept_bytes=0) as server:
        first = server.warm(graphql(WHOLE, site.token))
        ours = answered(json.loads(server.ask(graphql(WHOLE, site.token))[1])["data"])
        median, least = server.median([graphql(WHOLE, site.token)] * bench.samples)
        tiles = {tile: server.median([graphql("{" + query + "}", site.token)] * 5)[0] for tile, query in TILES.items()}
    beside = {"DuckDB": yardsticks.duckdb(bench.folder, site.shop, 5)}
    if bench.engine.name == "postgres":
        beside["SQL by hand"] = yardsticks.postgres(bench.engine, site, MEASURED_BY_HAND)
    for name, told in beside.items():
        wrong = differences(ours, told["answers"])
        if wrong:
            sys.exit(f"{title} and {name} differ: {'; '.join(wrong)}")
    named = lambda tile: "; ".join(f"{name} {number(told['tiles'][tile] if tile else told['whole'])} ms" for name, told in beside.items())
    aim = AIM[bench.engine.name]
    whole = Line(
        1, title, f"ten tiles over one year, nothing cached ({bench.orders:,} orders)", named(None) + "; same answers", f"≤ {aim} ms",
        f"{number(median)} ms, least {number(least)}; of the server just started {number(first)}", at_most(aim, median),
    )
    return [whole, *(Line(1, title, f"– {tile} alone", named(tile), "", f"{number(each)} ms", "") for tile, each in tiles.items())]


def repeated(bench):
    """Nothing is written in between, beside a static file of about the same size."""
    site, title, seconds = bench.site().made(), bench.engine.title, bench.seconds
    rig.say(f"{title}: dashboard, repeated")
    with site.server() as server:
        first = server.ask(graphql(WHOLE, site.token))[1]
        path, size = server.static_route(len(first))
        whole, static = [graphql(WHOLE, site.token)], [Request("GET", path)]
        load(server, whole, 1, 16)
        alone = load(server, whole, seconds, 1)
        kept = load(server, whole, seconds, 16)
        beside = load(server, static, seconds, 16, coding="br")
        if server.ask(whole[0])[1] != first:
            sys.exit("the dashboard changed while nothing was written")
        # What a request costs that is small, for scale.
        small = {name: load(server, [graphql(query, site.token)], seconds, 16) for name, query in [("viewer", VIEWER), ("revenue of one day", DAY)]}
    cost = lambda load: f"{load.rate:,.0f}/s, {load.cpu_micros:.0f} µs CPU"
    share = kept.rate / beside.rate
    return [
        Line(2, title, "the same, repeated: one connection", "–", "≤ 0.5 ms", f"{alone.p50:.2f} ms, {1000 / alone.rate:.2f} on average", at_most(0.5, alone.p50)),
        Line(
            2, title, f"the same, repeated: 16 connections ({len(first):,} bytes)", f"static file of {size:,} bytes {cost(beside)}", "≥ 50 % of its rate",
            f"{share:.0%}: {cost(kept)}", at_least(0.5, share),
        ),
        *(Line(2, title, f"– `{name}`, 16 connections", "", "", cost(told), "") for name, told in small.items()),
    ]


def after_a_write(bench):
    """Each request comes right after an order of its own, whose lines are written too, and tells of it."""
    site, title = bench.site().made(), bench.engine.title
    rig.say(f"{title}: dashboard right after an order")
    price, times, written = Decimal("12.34"), [], []
    revenue = lambda text: Decimal(answered(json.loads(text)["data"])["revenue"][0][0])
    product, [customer] = first_product(site), first_customers(site.engine, site.database, ORGANIZATION, 1)
    with site.server() as server:
        for _ in range(WARMING):
            before = revenue(server.ask(graphql(WHOLE, site.token))[1])
        for number_of in range(WARMING + TIMED):
            order = {"order_id": f"aims-{time.time_ns()}", "customer_id": customer, "placed_at": f"{END}T12:00:{number_of % 60:02}Z", "status": "CONFIRMED", "currency": "EUR", "total": str(price)}
            line = {"order_id": order["order_id"], "line_number": 1, "product_id": product, "quantity": 1, "unit_price": str(price), "line_total": str(price)}
            server.ask(ingested("orders", [order], site.token))
            server.ask(ingested("order_items", [line], site.token))
            seconds, text = server.ask(graphql(WHOLE, site.token))
            written.append(order)
            times.append(seconds * 1000)
            if revenue(text) != before + price * len(written):
                sys.exit(f"the order is not in it: {revenue(text)} after {len(written)} orders on {before}")
        # Orders that are called off count nowhere here: the next run finds the same figures.
        server.ask(ingested("orders", [order | {"status": "CANCELLED"} for order in written], site.token))
        if revenue(server.ask(graphql(WHOLE, site.token))[1]) != before:
            sys.exit("orders that are called off are in it")
        settled(site)
    times = times[WARMING:]
    median = statistics.median(times)
    within = sum(time <= 30 for time in times)
    figure = f"{number(median)} ms, {within} of {TIMED} within 30 ms, most {number(max(times))}"
    return [Line(3, title, "the same right after an order with a line, which is in it", "–", "≤ 30 ms", figure, at_most(30, median))]


def ingested(entity, rows, token):
    """The request that stores rows."""
    return Request("POST", f"/ingest/v1/{entity}", token, "application/json", json.dumps(rows))


def first_product(site):
    key = site.key()
    return site.engine.run(site.database, f"SELECT product_id FROM products WHERE organization_id = {key} ORDER BY product_key LIMIT 1;")


def first_customers(engine, database, organization, count):
    """Ids of an organization's customers."""
    key = f"SELECT id FROM organizations WHERE external_id = '{organization}'"
    return engine.run(database, f"SELECT customer_id FROM customers WHERE organization_id = ({key}) ORDER BY customer_key LIMIT {count};").splitlines()


def settled(site, most=120):
    """Waits until the server has added up again what was written to."""
    for _ in range(most):
        if site.engine.run(site.database, "SELECT COUNT(*) FROM stale_days WHERE marks > 0;") == "0":
            return
        time.sleep(1)
    sys.exit("days that were written to are not added up again")
