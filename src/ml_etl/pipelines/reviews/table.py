"""The dataset's main table: one row per review known before the as-of."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl.joins import beside
from ml_etl.pipelines.reviews.contracts import REVIEWS


def reviews(described: ir.Table, read: pa.Table, learned: pa.Table, embedded: pa.Table) -> ir.Table:
    """Everything about a review in one row."""
    others = [ibis.memtable(other) for other in (read, learned, embedded)]
    table = beside(described, *others, on="review_id").mutate(
        rating_sentiment_gap=(_.rating - 1) / 4 - _.learned_sentiment
    )
    return table.select(*(column.name for column in REVIEWS.columns))
