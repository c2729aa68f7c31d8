"""What JSON Schema cannot say of one part of a request by another, so that requests that are drawn from it are valid.

Loaded by schemathesis (SCHEMATHESIS_HOOKS=rules). A request that is wrong in any other way stays as wrong as it was.
"""

import hashlib
import json
from datetime import datetime, timedelta

import schemathesis

# Of trends no more months are told, and a comparison's earlier window must lie within the calendar as well.
LONGEST = timedelta(days=250 * 365)
EARLIEST = datetime.fromisoformat("0600-01-01T00:00:00+00:00")


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.query, dict):
        window_in_order(case.query)
        hash_of_its_query(case.query)
        if case.path == "/graphql" and case.method.upper() == "GET":
            something_asked(case.query)
    if isinstance(case.body, dict):
        hash_of_its_query(case.body)


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


def something_asked(query):
    """The document may be left out only where a hash names it."""
    if "query" in query:
        return
    try:
        extensions = json.loads(query.get("extensions", "{}"))
    except (TypeError, ValueError):
        return
    if isinstance(extensions, dict) and extensions.get("persistedQuery") is None:
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
