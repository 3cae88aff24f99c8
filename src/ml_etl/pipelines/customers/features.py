"""All that is known of a customer without a model: the blocks side by side."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.customers.demographics import beside
from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.pipelines.customers.rfm import rfm

UNKNOWN: dict[str, str] = {
    "campaigns_received": "int64",
    "campaigns_redeemed": "int64",
    "views_30d": "int64",
    "carts_30d": "int64",
    "purchase_events_30d": "int64",
    "view_to_cart_30d": "float64",
    "cart_to_purchase_30d": "float64",
    "cart_abandonment_30d": "float64",
    "wishlist_size": "int64",
    "cart_size": "int64",
}
"""What needs campaigns or events, which the shop does not bring: null, not 0."""


def features(
    customers: ir.Table,
    windows: ir.Table,
    habits: ir.Table,
    rhythm: ir.Table,
    preferences: ir.Table,
    facts: dict,
    params: CustomersParams,
) -> ir.Table:
    """One row per customer: demographics, windows, orders, preferences, RFM."""
    table = beside(customers, windows, habits, rhythm, preferences)
    has_orders = bool(facts["orders"]["orders"])
    table = table.mutate(
        order_count=_.order_count.fill_null(0) if has_orders else ibis.null("int64"),
        monetary=ibis.ifelse(_.frequency.notnull(), _.spent_lifetime, None).cast(MONEY_SUM),
        **{name: ibis.null(dtype) for name, dtype in UNKNOWN.items()},
    )
    return beside(table, rfm(table.filter(_.frequency.notnull()), params))
