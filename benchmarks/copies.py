"""A larger shop: the demo's tables several times over, its households, baskets and orders told apart."""

import sys
from pathlib import Path

import duckdb

HOUSEHOLDS, BASKETS = 10_000, 100_000_000_000
"""More than the demo's largest ids: copy k adds k times as much, so no two copies share one."""


def copy_shop(source: Path, target: Path, copies: int) -> None:
    """Write the tables; articles and promotions are the same in every copy. An order's id is its basket's."""
    connection = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(target / ".spill")})
    connection.execute(f"CREATE TABLE copies AS SELECT range AS k FROM range({copies})")
    household = f"CAST(CAST(customer_id AS BIGINT) + k * {HOUSEHOLDS} AS VARCHAR) AS customer_id"
    basket = f"CAST(CAST(basket_id AS BIGINT) + k * {BASKETS} AS VARCHAR) AS basket_id"
    order = f"CAST(CAST(order_id AS BIGINT) + k * {BASKETS} AS VARCHAR)"
    item = f"{order} || '-' || article_id AS order_item_id"
    shop = {
        "transactions": f"SELECT * EXCLUDE k REPLACE ({household}, {basket}) FROM source, copies "
        "ORDER BY timestamp, basket_id, article_id",
        "customers": f"SELECT * EXCLUDE k REPLACE ({household}) FROM source, copies ORDER BY customer_id",
        "articles": "SELECT * FROM source",
        "orders": f"SELECT * EXCLUDE k REPLACE ({order} AS order_id, {household}) FROM source, copies "
        "ORDER BY order_date, order_id",
        "order_items": f"SELECT * EXCLUDE k REPLACE ({order} AS order_id, {item}) FROM source, copies "
        "ORDER BY order_date, order_item_id",
        "promo": "SELECT * FROM source",
    }
    for table, query in shop.items():
        connection.execute(f"CREATE OR REPLACE VIEW source AS FROM '{source / table}.parquet'")
        connection.execute(f"COPY ({query}) TO '{target / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    copy_shop(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
