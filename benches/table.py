"""The table of aims: a line each of what was measured beside what was aimed at."""

from collections import namedtuple

Line = namedtuple("Line", "row database work yardstick aim figure verdict")
TITLES = ["row", "database", "work", "yardstick, same run", "aim", "figure", ""]


def number(value):
    """As many digits as say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def at_most(limit, value):
    """Whether an aim is reached that is the better the smaller."""
    return "reached" if value <= limit else f"**missed**: {number(value / limit)} × as much"


def at_least(limit, value):
    """Whether an aim is reached that is the better the larger."""
    return "reached" if value >= limit else f"**missed**: {number(value / limit)} of it"


def text(lines):
    """The lines as a table in Markdown."""
    rows = [TITLES, *(map(str, line) for line in sorted(lines, key=lambda line: (line.row, line.database != "SQLite")))]
    head, *rest = ("| " + " | ".join(row) + " |" for row in rows)
    return "\n".join([head, "| ---: | --- | --- | --- | --- | ---: | --- |", *rest])
