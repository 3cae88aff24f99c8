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
    worth = rfm(_buyers(rhythm, windows), params)
    clicked = customers.select("customer_id", "customer_number").join(clicks, "customer_id")
    clicked = clicked.drop("customer_id")
    table = beside(customers, windows, habits, rhythm, preferences, clicked, worth)
    has_orders = bool(facts["orders"]["orders"])
    return table.mutate(
        order_count=_.order_count.fill_null(0) if has_orders else ibis.null("int64"),
        **{name: ibis.null(dtype) for name, dtype in UNKNOWN.items()},
        **{name: _[name].fill_null(0) for name in CLICKED if facts["clicks"]["sessions"]},
    )


def _buyers(rhythm: ir.Table, windows: ir.Table) -> ir.Table:
    """What buyers are scored by. Few columns: all of a customer's would go through every ranking."""
    spent = windows.select("customer_number", monetary=_.spent_lifetime.cast(MONEY_SUM))
    return rhythm.select("customer_number", "recency_days", "frequency").join(spent, "customer_number")
