"""The dashboard: ten tiles over one year as one GraphQL request, and what other databases must answer to the same."""

from fractions import Fraction

END = "2026-10-31"
PREVIOUS, FIRST, BEHIND = "2024-11-01", "2025-11-01", "2026-11-01"
# What one unit of a foreign currency is worth, as a whole number: how many of these a unit of the own has.
PARTS = 10**8

YEAR = f'{{range: {{from: "{FIRST}", to: "{END}"}}}}'
TILES = {
    "revenue": f"revenue(period: {YEAR}) {{ totals {{ revenue {{ amount }} }} }}",
    "revenue, previous year": f"revenue(period: {YEAR}) {{ change(against: {{previous: YEAR}}) {{ previous {{ revenue {{ amount }} }} }} }}",
    "revenue by month": f"revenue(period: {YEAR}) {{ series(grain: MONTH) {{ date revenue {{ amount }} }} }}",
    "orders by month": f"orders(period: {YEAR}) {{ series(grain: MONTH) {{ date orders }} }}",
    "average order value": f"revenue(period: {YEAR}) {{ totals {{ averageOrderValue {{ amount }} }} }}",
    "active customers": f"customers(period: {YEAR}) {{ totals {{ activeCustomers }} }}",
    "top products": f"products(period: {YEAR}) {{ top(first: 10) {{ product {{ name }} revenue {{ amount }} }} }}",
    "top customers": f"customers(period: {YEAR}) {{ top(first: 10) {{ customer {{ name }} revenue {{ amount }} }} }}",
    "top categories": f"categories(period: {YEAR}) {{ top(first: 10) {{ category {{ name }} revenue {{ amount }} }} }}",
    "top sales reps": f"salesReps(period: {YEAR}) {{ top(first: 10) {{ salesRep {{ name }} revenue {{ amount }} }} }}",
}
WHOLE = "{" + " ".join(f"t{n}: {tile}" for n, tile in enumerate(TILES.values())) + "}"


def answered(data):
    """What GraphQL told, tile by tile, as plain lists."""
    parts = [data[f"t{n}"] for n in range(len(TILES))]
    amount = lambda told: told["revenue"]["amount"]
    ranked = lambda told, of: [[row[of]["name"], amount(row)] for row in told["top"]]
    return dict(zip(TILES, [
        [[amount(parts[0]["totals"])]],
        [[amount(parts[1]["change"]["previous"])]],
        [[row["date"][:7], amount(row)] for row in parts[2]["series"]],
        [[row["date"][:7], row["orders"]] for row in parts[3]["series"]],
        [[parts[4]["totals"]["averageOrderValue"]["amount"]]],
        [[parts[5]["totals"]["activeCustomers"]]],
        *(ranked(parts[n], of) for n, of in enumerate(["product", "customer", "category", "salesRep"], start=6)),
    ]))


def written(rows, tile):
    """What a yardstick's SQL told, whose amounts are exact sums of parts of a cent, in the same form."""
    if tile == "average order value":
        return [[cents(Fraction(int(total), int(count)))] for total, count in rows]
    if tile in ("orders by month", "active customers"):
        return [[*names, int(count)] for *names, count in rows]
    return [[*names, cents(Fraction(int(total)))] for *names, total in rows]


def cents(parts):
    """Rounded once, half away from zero; every amount here is positive."""
    minor = int(parts / PARTS + Fraction(1, 2))
    return f"{minor // 100}.{minor % 100:02}"


def differences(ours, theirs):
    """Every tile whose answers are not the same."""
    return [f"{tile}: {ours[tile]} here, {theirs[tile]} there" for tile in TILES if ours[tile] != theirs[tile]]
