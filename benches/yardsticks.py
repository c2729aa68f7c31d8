"""The same ten tiles elsewhere: DuckDB on its own columnar tables of the same files, and hand-written SQL on our tables in PostgreSQL."""

import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import rig
from tiles import BEHIND, FIRST, PARTS, PREVIOUS, TILES, written

# The version that the aims were set beside; a public package.
DUCKDB = "duckdb==1.4.4"
DUCK_SCRIPT = Path(__file__).resolve().parent / "duckdb_tiles.py"


def duckdb(folder, shop, samples):
    """Medians in milliseconds of the whole dashboard and of each tile, and the answers."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        rig.say(f"pip install {DUCKDB}")
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", DUCKDB], check=True)
    rig.say("DuckDB: dashboard")
    database = folder / f"{shop.name}.duckdb"
    statements = json.dumps(statements_of("duckdb"))
    command = [str(python), str(DUCK_SCRIPT), str(database), str(shop), str(PARTS), str(samples)]
    told = json.loads(subprocess.run(command, input=statements, check=True, stdout=subprocess.PIPE, text=True).stdout)
    told["answers"] = {tile: written(rows, tile) for tile, rows in told["answers"].items()}
    return told


def postgres(engine, site, samples):
    """The same of PostgreSQL, whose own clock tells: one session, plain statements, rates laid out day by day before."""
    rig.say("PostgreSQL: dashboard by hand-written SQL")
    key, statements = site.key(), statements_of("postgres")
    echoed = "".join(f"\\echo == {tile}\n{statement.replace(':org', key)};\n" for tile, statement in statements.items())
    script = f"\\set QUIET on\n{POSTGRES_RATES.replace(':org', key)}\n\\timing on\n{echoed * samples}"
    command = ["psql", "-h", engine.socket, "-U", "postgres", "-d", site.database, "-AtX", "-v", "ON_ERROR_STOP=1"]
    output = subprocess.run(command, input=script, check=True, stdout=subprocess.PIPE, text=True).stdout
    answers, times = {}, {tile: [] for tile in TILES}
    for part in output.split("== ")[1:]:
        tile, *rows = part.strip().splitlines()
        times[tile].append(float(re.match(r"Time: ([\d.]+) ms", rows[-1]).group(1)))
        answers[tile] = written([row.split("|") for row in rows[:-1]], tile)
    whole = statistics.median(sum(round) for round in zip(*times.values()))
    return {"whole": whole, "tiles": {tile: statistics.median(each) for tile, each in times.items()}, "answers": answers}


def statements_of(dialect):
    """The tiles as SQL; what differs is how a day is told of an order, and which tables' rows are one organization's."""
    if dialect == "duckdb":
        day, month, own = "o.day", "strftime(o.day, '%Y-%m')", "TRUE"
        between = lambda first, behind: f"o.day >= DATE '{first}' AND o.day < DATE '{behind}'"
        same = lambda one, other, key: f"{one}.{key} = {other}.{key}"
    else:
        micros = lambda date: f"(EXTRACT(EPOCH FROM TIMESTAMP '{date}') * 1000000)::bigint"
        day, month, own = "o.placed_at / 86400000000", "to_char(to_timestamp(o.placed_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')", "o.organization_id = :org"
        between = lambda first, behind: f"o.placed_at >= {micros(first)} AND o.placed_at < {micros(behind)}"
        same = lambda one, other, key: f"{one}.organization_id = {other}.organization_id AND {one}.{key} = {other}.{key}"
    counts = "o.status NOT IN ('DRAFT', 'CANCELLED')" if dialect == "duckdb" else "o.status NOT IN (0, 5)"
    where = lambda first=FIRST, behind=BEHIND: f"WHERE {own} AND {between(first, behind)} AND {counts}"
    # By bytes, as ids are ordered everywhere.
    by_bytes = lambda column: column if dialect == "duckdb" else f'{column} COLLATE "C"'
    rate = f"JOIN rates r ON r.currency = o.currency AND r.day = {day}"
    total, lines = "SUM(o.total * r.worth)", "SUM(i.line_total * r.worth)"
    items = f"FROM orders o JOIN order_items i ON {same('o', 'i', 'order_key')} {rate}"
    ranked = lambda inner, table, key, id: (
        f"SELECT n.name, t.worth FROM ({inner} ORDER BY worth DESC FETCH FIRST 20 ROWS ONLY) t JOIN {table} n ON n.{key} = t.{key}"
        f"{'' if dialect == 'duckdb' else ' AND n.organization_id = :org'} ORDER BY t.worth DESC, {by_bytes('n.' + id)} LIMIT 10"
    )
    of_orders = lambda key: f"SELECT o.{key}, {total} worth FROM orders o {rate} {where()} AND o.{key} IS NOT NULL GROUP BY o.{key}"
    statements = [
        f"SELECT {total} FROM orders o {rate} {where()}",
        f"SELECT {total} FROM orders o {rate} {where(PREVIOUS, FIRST)}",
        f"SELECT {month}, {total} FROM orders o {rate} {where()} GROUP BY 1 ORDER BY 1",
        f"SELECT {month}, COUNT(*) FROM orders o {where()} GROUP BY 1 ORDER BY 1",
        f"SELECT {total}, COUNT(*) FROM orders o {rate} {where()}",
        f"SELECT COUNT(DISTINCT o.customer_key) FROM orders o {where()}",
        ranked(f"SELECT i.product_key, {lines} worth {items} {where()} GROUP BY i.product_key", "products", "product_key", "product_id"),
        ranked(of_orders("customer_key"), "customers", "customer_key", "customer_id"),
        ranked(
            f"SELECT p.category_key, {lines} worth {items} JOIN products p ON {same('p', 'i', 'product_key')} {where()} "
            "AND p.category_key IS NOT NULL GROUP BY p.category_key",
            "categories", "category_key", "category_id",
        ),
        ranked(of_orders("sales_rep_key"), "sales_reps", "sales_rep_key", "sales_rep_number"),
    ]
    if dialect == "duckdb":
        statements = [statement.replace("FETCH FIRST 20 ROWS ONLY", "LIMIT 20") for statement in statements]
    return dict(zip(TILES, statements))


# The newest rate on or before each day. A yen has no cents.
POSTGRES_RATES = f"""
CREATE TEMP TABLE rates AS
SELECT c.currency, d.day::bigint AS day, (CASE WHEN c.currency = 'EUR' THEN {PARTS} ELSE (
    SELECT e.rate::numeric * {PARTS} * CASE c.currency WHEN 'JPY' THEN 100 ELSE 1 END FROM exchange_rates e
    WHERE e.organization_id = :org AND e.from_currency = c.currency AND e.to_currency = 'EUR' AND e.day <= d.day ORDER BY e.day DESC LIMIT 1
) END)::bigint AS worth
FROM (SELECT DISTINCT from_currency AS currency FROM exchange_rates WHERE organization_id = :org UNION SELECT 'EUR') c
CROSS JOIN generate_series(DATE '{PREVIOUS}' - DATE '1970-01-01', DATE '{BEHIND}' - DATE '1970-01-01') d (day);
ANALYZE rates;
"""
