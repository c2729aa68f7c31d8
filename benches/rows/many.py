"""Row 6: many organizations at once, reading and writing."""

import json

import rig
from bench import MANY, ORGANIZATIONS, shuffled, token
from load import Request, graphql, load
from rows.dashboard import first_customers
from table import Line, at_least, at_most, number
from tiles import WHOLE, answered

CLIENTS, WRITES = 64, 0.02
MONTHS = [("2026-09-01", "2026-09-30"), ("2026-10-01", "2026-10-31")]
TOTALS = '{{ revenue(period: {{range: {{from: "{}", to: "{}"}}}}) {{ totals {{ revenue {{ amount }} orders averageOrderValue {{ amount }} }} }} }}'


def mixed(bench):
    """GraphQL and the four APIs, eleven different questions of each organization in no order, and one request in fifty an order."""
    url, names = bench.many()
    title = bench.engine.title
    rig.say(f"{title}: {ORGANIZATIONS} organizations")
    [customer] = first_customers(bench.engine, MANY, names[0], 1)
    reads, writes = [], []
    for name in names:
        credential = token(name)
        reads.append(asked(credential))
        writes.append(order(credential, customer))
    every = shuffled([request for requests in reads for request in requests])
    count = round(len(every) * WRITES / (1 - WRITES))
    every = shuffled(every + [writes[number % len(writes)] for number in range(count)])
    with rig.Server(url) as server:
        for request in [*reads[0], writes[0]]:
            server.ask(request._replace(body=request.body.replace("{n}", "first")))
        told = [answered(json.loads(server.ask(one)[1])["data"]) for one in (reads[1][0], reads[-1][0])]
        if told[0] != told[1]:
            raise SystemExit("organizations with the same rows are told differently")
        asked_once = 0
        while asked_once < len(every):
            asked_once += load(server, every, 2, CLIENTS, check=True).requests
        done = load(server, every, bench.seconds, CLIENTS, check=True)
    work = f"{ORGANIZATIONS} organizations, {CLIENTS} clients, {len(reads[0])} questions each by GraphQL and REST, {WRITES:.0%} orders written"
    return [
        Line(6, title, work, "–", "≥ 5,000/s", f"{done.rate:,.0f}/s, {done.cpu_micros:.0f} µs CPU", at_least(5_000, done.rate)),
        Line(6, title, "– the same", "–", "p99 ≤ 50 ms", f"p99 {number(done.p99)} ms, p50 {number(done.p50)}", at_most(50, done.p99)),
    ]


def asked(credential):
    """What the people of one organization ask."""
    get = lambda path: Request("GET", path, credential)
    requests = [graphql(WHOLE, credential)]
    for first, last in MONTHS:
        requests += [
            graphql(TOTALS.format(first, last), credential),
            get(f"/api/analytics/revenue?startDate={first}T00:00:00Z&endDate={last}T23:59:59Z"),
            get(f"/api/analytics/products?from={first}&to={last}&groupBy=day&currency=eur"),
            get(f"/api/v1/reports/sales?from={first}&to={last}"),
            get(f"/v1/affiliate/analytics?section=stats&from={first}&to={last}"),
        ]
    return requests


def order(credential, customer):
    """A new order of that customer each time, behind the time that is asked for."""
    row = {"order_id": "aims-{n}", "customer_id": customer, "placed_at": "2026-11-05T12:00:00Z", "status": "CONFIRMED", "currency": "EUR", "total": "12.34"}
    return Request("POST", "/ingest/v1/orders", credential, "application/json", json.dumps([row]))
