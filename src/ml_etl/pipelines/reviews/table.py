"""The dataset's main table: one row per review known before the as-of."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl.pipelines.reviews.contracts import REVIEWS


def reviews(described: ir.Table, read: pa.Table, learned: pa.Table, embedded: pa.Table) -> ir.Table:
    """Everything about a review in one row."""
    table = described
    for other in (read, learned, embedded):
        table = table.left_join(ibis.memtable(other), "review_id").drop("review_id_right")
    table = table.mutate(rating_sentiment_gap=(_.rating - 1) / 4 - _.learned_sentiment)
    return table.select(*(column.name for column in REVIEWS.columns))
