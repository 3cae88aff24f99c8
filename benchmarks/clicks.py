"""Clicks to measure on: simulated around the demo shop's baskets, so many times its own.

`python benchmarks/clicks.py TRANSACTIONS.parquet ARTICLES.parquet FOLDER --days 119 --times 73`: the
shop's table of events, and the categories of its articles. In a process of its own: it holds the lines.
"""

import argparse
import json
import time
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from ml_etl.shop import demo_clicks
from ml_etl.shop.clicks import Rates, simulate


def main() -> None:
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    connection = ibis.duckdb.connect()
    lines = connection.read_parquet(str(asked.transactions))
    articles = connection.read_parquet(str(asked.articles))
    known, customers, ids = demo_clicks.arrays(demo_clicks.bought(lines, articles).to_pyarrow())
    usual = Rates()
    rates = Rates(min(usual.online_share * asked.times, 1.0), usual.sessions_per_customer_day * asked.times)
    began = time.perf_counter()
    rows = simulate(known, customers, ids, asked.folder / "events.parquet", rates, days=asked.days)
    seconds = time.perf_counter() - began
    category = articles.select("article_id", "product_group_name").filter(ibis._.product_group_name.notnull())
    pq.write_table(pa.table(category.to_pyarrow()), asked.folder / "categories.parquet")
    print(json.dumps({"rows": rows, "seconds": seconds}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("transactions", type=Path)
    parser.add_argument("articles", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--times", type=float, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
