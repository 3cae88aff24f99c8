"""The demo shop's clickstream: simulated around its real baskets, `simulated` in every row."""

from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _

from ml_etl.engine import Engine
from ml_etl.shop import clicks
from ml_etl.shop.clicks.sessions import Lines

FILES = (Path(__file__), *sorted(Path(clicks.__file__).parent.glob("*.py")))
"""What the clickstream depends on."""


def write_events(lines: ir.Table, articles: ir.Table, engine: Engine, path: Path) -> None:
    """Simulate the events around the purchase lines of merchandise into one Parquet file."""
    known, customers, ids = arrays(engine.collect(bought(lines, articles)))
    clicks.simulate(known, customers, ids, path, clicks.Rates())


def bought(lines: ir.Table, articles: ir.Table) -> ir.Table:
    """The purchase lines that clicks are simulated around, in order of time."""
    goods = articles.filter(_.is_merchandise).select("article_id")
    sold = lines.filter((_.quantity > 0) & (_.line_value > 0)).semi_join(goods, "article_id")
    return sold.order_by("timestamp", "basket_id", "article_id").select(
        "timestamp", "customer_id", "basket_id", "article_id", "quantity", "price"
    )


def arrays(bought: pa.Table) -> tuple[Lines, np.ndarray, np.ndarray]:
    """Lines in order of time as numbers, and the ids of the customers and articles they number."""
    (customer, customers), (basket, _), (article, articles) = (
        _numbered(bought.column(name)) for name in ("customer_id", "basket_id", "article_id")
    )
    at = bought.column("timestamp").cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    quantity = bought.column("quantity").cast(pa.int64()).to_numpy()
    price = bought.column("price").cast(pa.float64()).to_numpy()
    return Lines(at, customer, basket, article, quantity, price), customers, articles


def _numbered(ids: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers in the order the ids first appear, and the ids."""
    encoded = ids.combine_chunks().dictionary_encode()
    return (
        encoded.indices.to_numpy().astype(np.int64),
        encoded.dictionary.to_numpy(zero_copy_only=False).astype(object),
    )
