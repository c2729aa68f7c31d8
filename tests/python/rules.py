"""What JSON Schema cannot say of one part of a request by another, so that requests that are drawn from it are valid.

Loaded by schemathesis (SCHEMATHESIS_HOOKS=rules). A request that is wrong in any other way stays as wrong as it was.
"""

import hashlib
import json
from datetime import datetime, timedelta, timezone

import schemathesis

# Of trends no more months are told, and a comparison's earlier window must lie within the calendar as well.
LONGEST = timedelta(days=250 * 365)
# A row for each day, at most; for anomalies 400 days before the window are looked at too.
MOST_DAYS = timedelta(days=3200)
# From then on the demo has rates: stock of now is converted by that of the window's first day.
FIRST, LAST = (datetime(year, 6, 1, tzinfo=timezone.utc) for year in (2022, 9000))
EARLIEST = datetime.fromisoformat("0600-01-01T00:00:00+00:00")


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.query, dict):
        if case.operation.path == "/api/analytics/revenue":
            one_api_of_two(case.query)
        window_in_order(case.query)
        days_in_order(case.query)
        a_currency_with_rates(case.query)
        hash_of_its_query(case.query)
        if case.operation.path.startswith("/api/v1/reports/"):
            numbers_are_no_dates(case.query)
            days_up_to_today(case.query)
            no_page_of_a_file(case.query)
        if case.operation.path == "/v1/affiliate/analytics":
            days_of_the_past(case.query)
            metrics_of_their_section(case.query, is_meant_to_be_good(case))
        if case.path == "/graphql" and case.method.upper() == "GET":
            something_asked(case.query)
    if case.operation.path == "/ingest/v1/{entity}":
        no_rows(case)
    if isinstance(case.body, dict):
        hash_of_its_query(case.body)
        if case.path == "/api/analytics/reports/export":
            days_in_order(case.body)
            a_currency_with_rates(case.body)


def is_meant_to_be_good(case):
    return case.meta is not None and case.meta.generation.mode.value == "positive"


def no_rows(case):
    """Rows have the columns of their entity and point to others: of those that are meant to be good none is sent."""
    if is_meant_to_be_good(case):
        case.body = [] if isinstance(case.body, list) else ""


def window_in_order(query):
    """The window's start does not lie after its end."""
    try:
        bounds = sorted((datetime.fromisoformat(query[name]), query[name]) for name in ("startDate", "endDate"))
    except (KeyError, TypeError, ValueError):
        return
    (start, query["startDate"]), (end, query["endDate"]) = bounds
    if end < EARLIEST:
        query["startDate"] = query["endDate"] = EARLIEST.isoformat()
    elif max(start, EARLIEST) < end - LONGEST or start < EARLIEST:
        query["startDate"] = max(end - LONGEST, EARLIEST).isoformat()


def one_api_of_two(query):
    """A route that two APIs have is asked as one of them; the first one needs both of its dates."""
    dates = [name for name in ("startDate", "endDate") if name in query]
    if len(dates) == 2 and not {"from", "to", "groupBy", "currency"} & query.keys():
        return
    for name in dates:
        del query[name]


def days_in_order(query):
    """The first day does not lie after the last, and a time series has few enough rows; either alone is kept."""
    bounds = {}
    for name in ("from", "to"):
        if name not in query:
            continue
        try:
            moment = datetime.fromisoformat(query[name])
        except (TypeError, ValueError):
            return
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        bounds[name] = min(max(moment, FIRST), LAST)
    if len(bounds) == 2:
        start, end = sorted(bounds.values())
        bounds = {"from": max(start, end - MOST_DAYS), "to": end}
    query.update((name, moment.isoformat()) for name, moment in bounds.items())


def a_currency_with_rates(query):
    """Of all currencies, one that the demo has rates for."""
    given = query.get("currency")
    if isinstance(given, str) and len(given) == 3 and given.isascii() and given.isalpha():
        query["currency"] = {"C": "chf", "E": "eur", "G": "GBP", "J": "JPY"}.get(given[0].upper(), "usd")


def numbers_are_no_dates(query):
    """In an address a number is a text, and 0.5 is a day in May 2000 to JavaScript: what is meant to be wrong is."""
    for name in ("from", "to"):
        try:
            float(query[name])
        except (KeyError, TypeError, ValueError):
            continue
        query[name] = "no date"


def days_up_to_today(query):
    """The other end of a lone bound is the preset's: today, or the day on which it begins."""
    if "from" in query and "to" in query:
        return
    if isinstance(query.get("from"), str) and is_moment(query["from"]):
        query["from"] = "2023-06-01"
    if isinstance(query.get("to"), str) and is_moment(query["to"]):
        query["to"] = "2999-06-01"
        query["from"] = "2998-06-01"


def days_of_the_past(query):
    """Days that are over, in order, and few enough; one alone stands beside the last thirty."""
    days = {}
    for name in ("from", "to"):
        if isinstance(query.get(name), str) and len(query[name]) == 10 and is_moment(query[name]):
            days[name] = query[name]
    if len(days) == 2 and len({"from", "to"} & query.keys()) == 2:
        query["from"], query["to"] = "2025-06-0" + str(1 + len(days["from"]) % 9), "2025-07-01"
    elif "from" in days and "to" not in query:
        query["from"] = "2025-06-01"
    elif "to" in days and "from" not in query:
        del query["to"]


def metrics_of_their_section(query, is_good):
    """Names of metrics that the section has; feeds have none and ignore them."""
    section = query.get("section")
    own = {
        "stats": ["total_clicks", "conversion_rate"],
        "trends": ["clicks", "revenue"],
        "charts": ["clicks_over_time", "device_breakdown"],
        "tables": ["top_pages", "top_affiliates"],
    }.get(section if isinstance(section, str) else "")
    given = query.get("metrics")
    # An array may come as it is written in an address.
    is_written = isinstance(given, str) and is_good
    names = given.split(",") if is_written else given
    if own and isinstance(names, list) and names and all(isinstance(name, str) and name.isidentifier() for name in names):
        query["metrics"] = ",".join(own[: len(names)]) if is_written else own[: len(names)]


def is_moment(text):
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def no_page_of_a_file(query):
    """A file takes no page, and a cursor is good where a page gave it out."""
    if isinstance(query.get("cursor"), str) and len(query["cursor"]) == 32:
        del query["cursor"]
    if query.get("format") == "csv":
        query.pop("limit", None)


def something_asked(query):
    """The document may be left out only where a hash names it."""
    if "query" in query:
        return
    try:
        extensions = json.loads(query.get("extensions", "{}"))
    except (TypeError, ValueError):
        return
    if extensions is None or (isinstance(extensions, dict) and extensions.get("persistedQuery") is None):
        query["query"] = "{ __typename }"


def hash_of_its_query(request):
    """A document that comes with a hash comes with its own."""
    text, extensions = request.get("query"), request.get("extensions")
    if not isinstance(text, str):
        return
    if isinstance(extensions, str):
        # Of a query string: JSON within a text.
        try:
            within = {"query": text, "extensions": json.loads(extensions)}
        except ValueError:
            return
        hash_of_its_query(within)
        request["extensions"] = json.dumps(within["extensions"])
        return
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    given = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if isinstance(given, str) and len(given) == 64:
        persisted["sha256Hash"] = hashlib.sha256(text.encode()).hexdigest()
