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
# A file that an address holds is had through one that GraphQL makes, once for each.
LEFT_OUT = ["/api/analytics/reports/downloads/{ticket}"]
DASHBOARD = {
    "name": "Benchmark",
    "tiles": [
        {
            "title": "Revenue", "chart": "NUMBER", "layout": {"column": 0, "row": 0, "width": 6, "height": 4},
            "query": "query ($period: PeriodInput!) { revenue(period: $period) { totals { revenue { amount } orders } } }",
        },
        {
            "title": "Products", "chart": "TABLE", "layout": {"column": 6, "row": 0, "width": 6, "height": 4},
            "query": "query ($period: PeriodInput!) { products(period: $period) { top(first: 10) { product { name } revenue { amount } } } }",
        },
    ],
}


def every(bench):
    """A line each, and the worst."""
    site, title = bench.site().made(), bench.engine.title
    lines, times = [], {}
    with site.server(kept_bytes=0) as server:
        bench.requests = documented(server, site)
        for name, requests in bench.requests.items():
            rig.say(f"{title}: {name}")
            for one in (requests[0], requests[len(requests) // 2], requests[-1]):
                server.ask(one)
            told = load(server, requests, bench.seconds, CLIENTS, may_fail=True)
            failed = told.refused + told.broken
            times[name] = told.p99 if told.requests > failed else float("inf")
            figure = f"p99 {number(told.p99)} ms, p50 {number(told.p50)}, {number(told.rate)}/s"
            verdict = f"**missed**: {failed:,} of {told.requests:,} failed" if failed or not told.requests else at_most(AIM, told.p99)
            lines.append(Line(4, title, f"– {name}", "", f"≤ {AIM} ms", figure, verdict))
    bench.slowest, bench.quickest = max(times, key=times.get), min(times, key=times.get)
    reached = sum(time <= AIM for time in times.values())
    worst = Line(
        4, title, f"the worst of {len(times)} documented requests, nothing cached, {CLIENTS} clients: {bench.slowest}", "–", f"≤ {AIM} ms",
        f"p99 {number(times[bench.slowest])} ms", f"{at_most(AIM, times[bench.slowest])}; {reached} of {len(times)} reach it",
    )
    return [worst, *lines]


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
