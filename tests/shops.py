"""Small shops whose rows a person can check by eye."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

D = dt.date
# Every purchase, numbered; the newest complete day is 2020-01-31, so that age 0 is there.
LINES: list[dict[str, Any]] = [
    {"n": 1, "t_dat": D(2020, 1, 1), "customer_id": "c1", "article_id": "001", "price": 10.0},
    {"n": 2, "t_dat": D(2020, 1, 11), "customer_id": "c1", "article_id": "001", "price": 10.0},
    {"n": 3, "t_dat": D(2020, 1, 31), "customer_id": "c1", "article_id": "001", "price": 8.0},
    {"n": 4, "t_dat": D(2020, 1, 31), "customer_id": "c1", "article_id": "002", "price": 5.5},
    {"n": 5, "t_dat": D(2020, 1, 31), "customer_id": "c1", "article_id": "002", "price": 5.5},  # equal to 4
    {"n": 6, "t_dat": D(2020, 1, 30), "customer_id": "c2", "article_id": "002", "price": 5.5, "quantity": 3},
    {"n": 7, "t_dat": D(2020, 1, 30), "customer_id": "c2", "article_id": "001", "price": 10.0},
    {"n": 8, "t_dat": D(2020, 1, 31), "customer_id": "c2", "article_id": "002", "price": 5.5, "quantity": -1},
    {"n": 9, "t_dat": D(2020, 1, 25), "customer_id": "c3", "article_id": "003", "price": 0.0},  # free
    {
        "n": 10,
        "t_dat": D(2020, 1, 25),
        "customer_id": "c3",
        "article_id": "004",
        "price": 7.0,
    },  # no merchandise
]

_TYPES = {
    "t_dat": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "returned_at": pa.timestamp("us"),
    "order_date": pa.timestamp("us"),
    "signup_date": pa.date32(),
    "quantity": pa.int64(),
    "sales_channel_id": pa.int64(),
    "age": pa.float64(),
    "stock": pa.float64(),
    "created_at": pa.timestamp("us"),
    "is_merchandise": pa.bool_(),
    **{
        name: pa.float64()
        for name in ("price", "line_value", "paid", "regular_price", "total_amount", "line_total")
    },
}


def table(rows: list[dict[str, Any]], **types: pa.DataType) -> pa.Table:
    """Rows as an Arrow table; what a row lacks is null, text is the default type."""
    names = list(dict.fromkeys(name for row in rows for name in row if name != "n"))
    kinds = {**_TYPES, **types}
    return pa.table({n: pa.array([row.get(n) for row in rows], kinds.get(n, pa.string())) for n in names})


class Shop:
    """A folder of Parquet files; change `lines`, `articles`, `customers`, then `write` again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lines = [dict(line) for line in LINES]
        self.articles: list[dict[str, Any]] = [
            {"article_id": f"00{n}", "prod_name": f"article {n}", "is_merchandise": n != 4}
            for n in (1, 2, 3, 4)
        ]
        self.customers: list[dict[str, Any]] = [
            {"customer_id": "c1", "age": 20.0},
            {"customer_id": "c2", "age": 200.0},
            {"customer_id": "c3", "age": None},
        ]

    def write(self) -> "Shop":
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("articles", "customers"):
            self.put(name, table(getattr(self, name)))
        return self.put("transactions", table(self.lines))

    def put(self, name: str, rows: pa.Table) -> "Shop":
        pq.write_table(rows, self.folder / f"{name}.parquet")
        return self

    @property
    def params(self) -> dict[str, Any]:
        return {"shop_folder": str(self.folder), "shop_timezone": "UTC"}
