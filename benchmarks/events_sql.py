"""The hand-written SQL of events, in a process of its own.

`python benchmarks/events_sql.py SOURCE.parquet UNTIL CATEGORIES.parquet FOLDER`: one Parquet file per table.
"""

import json
import os
import sys
from pathlib import Path

import duckdb

from ml_etl import config

TABLES = ("events", "sessions", "funnel", "funnel_articles", "daily_counts", "behaviour")
_COUNTS = (
    "view",
    "click",
    "wishlist",
    "add_to_cart",
    "remove_from_cart",
    "checkout",
    "purchase",
    "search",
    "other",
)
_DAYS = (1, 7, 30)
SQL = Path(__file__).parent / "sql" / "events.sql"


def main(source: str, until: str, categories: str, folder: str) -> None:
    """Run the statements with the engine settings of conf/base."""
    engine = config.settings()["engine"]
    threads = engine["threads"] or os.cpu_count()
    spill = Path(folder) / "spill"
    spill.mkdir(parents=True)
    connection = duckdb.connect(
        config={"memory_limit": engine["memory_limit"], "threads": threads, "temp_directory": str(spill)}
    )
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    given = {"source": source, "until": until, "categories": categories}
    given |= {table: f"{folder}/{table}.parquet" for table in TABLES}
    for statement in duckdb.extract_statements(_script()):
        names = [name for name in given if f"${name}" in statement.query]
        text = statement.query
        for name in sorted(names, key=len, reverse=True):  # COPY and views take no parameters
            text = text.replace(f"${name}", "'" + given[name].replace("'", "''") + "'")
        connection.execute(text)
    print(json.dumps({"done": True}))


def _script() -> str:
    sums = [
        f"coalesce(sum({name}_count) FILTER (age < {days}), 0)::BIGINT AS {name}_count_{days}d"
        for days in _DAYS
        for name in ("event", *_COUNTS)
    ]
    rates = []
    for days in _DAYS:
        views, carts = f"(view_count_{days}d + click_count_{days}d)", f"add_to_cart_count_{days}d"
        rates.append(f"{carts} / nullif({views}, 0) AS view_to_cart_{days}d")
        rates.append(f"purchase_count_{days}d / nullif({carts}, 0) AS cart_to_purchase_{days}d")
    return SQL.read_text("utf-8").replace("{windows}", ", ".join(sums)).replace("{rates}", ", ".join(rates))


if __name__ == "__main__":
    main(*sys.argv[1:5])
