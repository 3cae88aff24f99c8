"""The dataset's main table: what is known of each customer, and what the models say."""

import ibis.expr.types as ir

from ml_etl import joins
from ml_etl.pipelines.customers.contracts import CUSTOMERS

_FROM_VALUE = (
    "expected_purchases_30d",
    "expected_purchases_90d",
    "p_alive",
    "expected_purchase_value",
)


def customers(features: ir.Table, segments: ir.Table, value: ir.Table) -> ir.Table:
    """One row per customer known before the as-of."""
    predicted = value.select("customer_id", *_FROM_VALUE)
    columns = [column.name for column in CUSTOMERS.columns]
    named = segments.select("customer_id", "segment")
    return joins.beside(features, named, predicted, on="customer_id", columns=columns)
