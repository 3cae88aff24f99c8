"""The customers × articles matrix and the maps from ids to its rows and columns."""

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _
from scipy.sparse import csr_matrix

from ml_etl.pipelines.interactions.params import InteractionsParams


def customer_index(pairs: ir.Table) -> ir.Table:
    """One row per customer: `index` counts by first purchase, then id.

    A later version only appends: what was first seen earlier keeps its index.
    """
    return _index(pairs, "customer_id")


def article_index(pairs: ir.Table) -> ir.Table:
    """One row per article, indexed as customers are."""
    return _index(pairs, "article_id")


def _index(pairs: ir.Table, key: str) -> ir.Table:
    first = pairs.group_by(key).aggregate(first_seen=_.first_purchase_date.min())
    order = ibis.window(order_by=["first_seen", key])
    return first.select(ibis.row_number().over(order).cast("int32").name("index"), key, "first_seen")


def matrix_entries(
    pairs: ir.Table, customers: ir.Table, articles: ir.Table, params: InteractionsParams
) -> ir.Table:
    """The end of the lazy part: (row, column, value), one per pair."""
    rows = customers.select("customer_id", row=_.index)
    columns = articles.select("article_id", column=_.index)
    valued = pairs.select("customer_id", "article_id", value=_[params.matrix_value])
    return valued.join(rows, "customer_id").join(columns, "article_id").select("row", "column", "value")


def matrix_of(entries: pd.DataFrame) -> csr_matrix:
    """The matrix in canonical CSR form; int32 where the values are counts, else float64."""
    values = entries["value"].to_numpy()
    values = values.astype("int32") if values.dtype.kind == "i" else values
    shape = (int(entries["row"].max()) + 1, int(entries["column"].max()) + 1) if len(entries) else (0, 0)
    matrix = csr_matrix((values, (entries["row"].to_numpy(), entries["column"].to_numpy())), shape=shape)
    matrix.sort_indices()
    return matrix
