"""All that is known of a customer without a model: the blocks side by side."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl import joins
from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.customers.demographics import beside
from ml_etl.pipelines.customers.params import CustomersParams
from ml_etl.pipelines.customers.rfm import rfm

UNKNOWN: dict[str, str] = {
    "campaigns_received": "int64",
    "campaigns_redeemed": "int64",
    "wishlist_size": "int64",
    "cart_size": "int64",
}
"""What needs campaigns, wishlists or carts, which the shop does not bring: null, not 0."""

CLICKED = ("views_30d", "carts_30d", "purchase_events_30d")
"""Counts of events: 0 for who has none, null where the shop has none."""


def features(
    customers: ir.Table,
    windows: ir.Table,
    habits: ir.Table,
    rhythm: ir.Table,
    preferences: ir.Table,
    clicks: ir.Table,
    facts: dict,
    params: CustomersParams,
) -> ir.Table:
    """One row per customer: demographics, windows, orders, preferences, RFM."""
    table = beside(customers, windows, habits, rhythm, preferences)
    table = joins.beside(table, clicks, on="customer_id")
    has_orders = bool(facts["orders"]["orders"])
    table = table.mutate(
        order_count=_.order_count.fill_null(0) if has_orders else ibis.null("int64"),
        monetary=ibis.ifelse(_.frequency.notnull(), _.spent_lifetime, None).cast(MONEY_SUM),
        **{name: ibis.null(dtype) for name, dtype in UNKNOWN.items()},
        **{name: _[name].fill_null(0) for name in CLICKED if facts["clicks"]["sessions"]},
    )
    return beside(table, rfm(table.filter(_.frequency.notnull()), params))
