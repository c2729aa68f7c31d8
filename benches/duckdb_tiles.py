"""Run by the Python that has DuckDB: loads a folder's files into DuckDB's own tables where they are not yet, asks the statements that come as
JSON on standard input, and prints times in milliseconds and answers as JSON.

    duckdb_tiles.py DATABASE FOLDER PARTS SAMPLES
"""

import json
import statistics
import sys
import time
from pathlib import Path

import duckdb

database, folder, parts, samples = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
is_new = not Path(database).exists()
connection = duckdb.connect(database)

# Keys are integers and amounts are minor units, as in our tables; facts lie in the order of their time; rates are laid out day by day.
LOAD = f"""
CREATE TABLE categories AS SELECT row_number() OVER () AS category_key, category_id, name FROM read_csv('{folder}/categories.csv', all_varchar = true);
CREATE TABLE products AS SELECT row_number() OVER () AS product_key, product_id, p.name, c.category_key
    FROM read_csv('{folder}/products.csv', all_varchar = true) p LEFT JOIN categories c USING (category_id);
CREATE TABLE customers AS SELECT row_number() OVER () AS customer_key, customer_id, name FROM read_csv('{folder}/customers.csv', all_varchar = true);
CREATE TABLE sales_reps AS SELECT row_number() OVER () AS sales_rep_key, sales_rep_number, name FROM read_csv('{folder}/sales_reps.csv', all_varchar = true);
CREATE TEMP TABLE placed AS SELECT row_number() OVER (ORDER BY placed_at, order_id) AS order_key, *
    FROM read_csv('{folder}/orders.csv', all_varchar = true);
CREATE TEMP TABLE units AS SELECT DISTINCT currency, CASE currency WHEN 'JPY' THEN 1 ELSE 100 END AS per_major FROM placed;
CREATE TABLE orders AS SELECT order_key, customer_key, sales_rep_key, CAST(CAST(placed_at AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) AS day, status, currency,
    CAST(CAST(total AS DECIMAL(18, 2)) * per_major AS BIGINT) AS total
    FROM placed JOIN units USING (currency) LEFT JOIN customers USING (customer_id) LEFT JOIN sales_reps USING (sales_rep_number) ORDER BY order_key;
CREATE TABLE order_items AS SELECT order_key, product_key, CAST(CAST(line_total AS DECIMAL(18, 2)) * per_major AS BIGINT) AS line_total
    FROM read_csv('{folder}/order_items.csv', all_varchar = true) JOIN placed USING (order_id) JOIN units USING (currency) JOIN products USING (product_id)
    ORDER BY order_key;
CREATE TABLE rates AS
    WITH days AS (SELECT CAST(unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS DATE) AS day FROM orders),
        quotes AS (SELECT CAST(day AS DATE) AS day, "from" AS currency, CAST(rate AS DECIMAL(18, 8)) AS rate
            FROM read_csv('{folder}/exchange_rates.csv', all_varchar = true) WHERE "to" = 'EUR')
    SELECT 'EUR' AS currency, day, CAST({parts} AS BIGINT) AS worth FROM days
    UNION ALL
    SELECT w.currency, w.day, CAST(q.rate * {parts} * (100 // w.per_major) AS BIGINT)
    FROM (SELECT * FROM days, units WHERE currency <> 'EUR') w ASOF JOIN quotes q ON q.currency = w.currency AND q.day <= w.day;
CHECKPOINT;
"""
if is_new:
    connection.execute(LOAD)

statements = json.load(sys.stdin)
times = {tile: [] for tile in statements}
answers = {}
for _ in range(samples + 1):
    for tile, statement in statements.items():
        start = time.monotonic()
        answers[tile] = connection.execute(statement).fetchall()
        times[tile].append((time.monotonic() - start) * 1000)
# The first round reads the file.
times = {tile: each[1:] for tile, each in times.items()}
print(json.dumps({
    "version": duckdb.__version__,
    "whole": statistics.median(sum(round) for round in zip(*times.values())),
    "tiles": {tile: statistics.median(each) for tile, each in times.items()},
    "answers": {tile: [[str(value) for value in row] for row in rows] for tile, rows in answers.items()},
}))
