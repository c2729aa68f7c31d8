"""Row 4: each documented request of the REST APIs, nothing cached, with many clients. The list is the server's own description of its routes."""

import json
from datetime import date, timedelta
from urllib.parse import urlencode

import rig
from load import Request, graphql, load
from table import Line, at_most, number
from tiles import END, PREVIOUS

APIS = ["momentum", "distribu", "ecosire", "heldsway"]
CLIENTS, AIM = 50, 20
# Fewer answers than this tell little of the slowest hundredth: then the load lasts longer.
FEW, LONGER = 500, 3
# A list of customers has so many rows at most; that of a year has one for four orders or so.
MOST_LISTED = 400_000
# A file that an address holds is had through one that GraphQL makes, once for each.
LEFT_OUT = ["/api/analytics/reports/downloads/{ticket}"]
DASHBOARD = {
    "name": "Benchmark",
    "tiles": [
        {
            "title": "Revenue", "chart": "NUMBER", "layout": {"x": 0, "y": 0, "width": 6, "height": 4},
            "query": "query ($period: PeriodInput!) { revenue(period: $period) { totals { revenue { amount } orders } } }",
        },
        {
            "title": "Products", "chart": "TABLE", "layout": {"x": 6, "y": 0, "width": 6, "height": 4},
            "query": "query ($period: PeriodInput!) { products(period: $period) { top(first: 10) { product { name } revenue { amount } } } }",
        },
    ],
}


def every(bench):
    """A line each, and the worst."""
    site, title = bench.site().made(), bench.engine.title
    lines, times, alone = [], {}, {}
    with site.server(kept_bytes=0) as server:
        bench.requests = documented(server, site)
        for name, requests in bench.requests.items():
            rig.say(f"{title}: {name}")
            refused = server.refusal(requests[0]) if requests[0].method == "GET" else None
            if refused and bench.orders > MOST_LISTED:
                lines.append(Line(4, title, f"– {name}", "", f"≤ {AIM} ms", f"refused: {refused}", "not measured"))
                continue
            alone[name] = server.median([requests[0], requests[len(requests) // 2], requests[-1]])[0]
            load(server, requests, 1, CLIENTS, may_fail=True)
            bench.rest(server)
            told = load(server, requests, bench.seconds, CLIENTS, may_fail=True)
            if told.requests < FEW:
                bench.rest(server)
                told = load(server, requests, bench.seconds * LONGER, CLIENTS, may_fail=True)
            bench.rest(server)
            failed = told.refused + told.broken
            times[name] = float("inf") if failed or not told.requests else told.p99
            of = f" of {told.requests}" if told.requests < FEW else ""
            figure = f"p99 {number(told.p99)} ms{of}, p50 {number(told.p50)}, {number(told.rate)}/s; alone {number(alone[name])} ms"
            lines.append(Line(4, title, f"– {name}", "", f"≤ {AIM} ms", figure, verdict(told, failed)))
    cost = lambda name: (times[name], alone[name])
    bench.slowest, bench.quickest = max(times, key=cost), min(times, key=cost)
    reached = sum(time <= AIM for time in times.values())
    worst = Line(
        4, title, f"the worst of {len(times)} documented requests, nothing cached, {CLIENTS} clients: {bench.slowest}", "–", f"≤ {AIM} ms",
        next(line.figure for line in lines if line.work == f"– {bench.slowest}"), f"{reached} of {len(times)} reach it",
    )
    return [worst, *lines]


def verdict(told, failed):
    """Whether the aim is reached by what was answered, and whether all was."""
    if failed:
        return f"**missed**: {failed:,} of {told.requests:,} failed"
    return at_most(AIM, told.p99) if told.requests else "**missed**: none ended in time"


def documented(server, site):
    """Requests by name, each over a year that begins a day later than the one before, so that no two neighbours ask the same."""
    description = json.loads(server.ask(Request("GET", "/openapi.json"))[1])
    dashboard = dashboard_of(server, site.token)
    days = [date.fromisoformat(PREVIOUS) + timedelta(days=7 * n % 365) for n in range(365)]
    windows = [(first, min(first + timedelta(days=364), date.fromisoformat(END))) for first in days]
    found = {}
    for path, methods in sorted(description["paths"].items()):
        for method, operation in methods.items():
            for api in [tag for tag in operation.get("tags", []) if tag in APIS and path not in LEFT_OUT]:
                for name, parameters in variants(api, path, operation):
                    build = lambda window: request(method.upper(), path.replace("{id}", dashboard), api, window, parameters, site.token)
                    found[name] = [build(window) for window in windows]
    return dict(sorted(found.items(), key=lambda one: (APIS.index(one[0].split()[0]), one[0])))


def variants(api, path, operation):
    """What tells apart what one route can be asked."""
    name = f"{api} `{path}`"
    if api == "heldsway":
        sections = next(one for one in operation["parameters"] if one["name"] == "section")["schema"]["enum"]
        return [(f"{api} `{path}?section={section}`", {"section": section}) for section in sections]
    if api == "ecosire" and path.endswith("/export"):
        return [(f"{name} (`{kind}`)", {"reportType": "revenue", "format": kind, "currency": "eur"}) for kind in ("csv", "xlsx")]
    if api == "ecosire":
        # The organization's own currency, and the one that the API takes where none is named.
        return [(f"{name} ({currency.upper()})", {"groupBy": "month", "currency": currency}) for currency in ("eur", "usd")]
    return [(name, {})]


def request(method, path, api, window, parameters, token):
    """One request over a window of days."""
    first, last = (day.isoformat() for day in window)
    if api == "momentum":
        said = {"startDate": f"{first}T00:00:00Z", "endDate": f"{last}T23:59:59.999999Z"}
    else:
        said = {"from": first, "to": last}
    said |= parameters
    if method == "POST":
        return Request(method, path, token, "application/json", json.dumps(said))
    return Request(method, f"{path}?{urlencode(said)}", token)


def dashboard_of(server, token):
    """The id of the organization's dashboard, made where there is none."""
    listed = json.loads(server.ask(Request("GET", "/api/analytics/dashboards", token))[1])
    known = listed if isinstance(listed, list) else next(iter(value for value in listed.values() if isinstance(value, list)))
    if known:
        return known[0]["id"]
    mutation = "mutation ($dashboard: DashboardInput!) { createDashboard(dashboard: $dashboard) { id } }"
    asked = graphql(mutation, token)._replace(body=json.dumps({"query": mutation, "variables": {"dashboard": DASHBOARD}}))
    return json.loads(server.ask(asked)[1])["data"]["createDashboard"]["id"]
