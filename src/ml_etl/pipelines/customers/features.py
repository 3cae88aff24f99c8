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

CLICKED: dict[str, str] = {
    "views_30d": "int64",
    "carts_30d": "int64",
    "purchase_events_30d": "int64",
    "view_to_cart_30d": "float64",
    "cart_to_purchase_30d": "float64",
    "cart_abandonment_30d": "float64",
}
"""What events tell; counts are 0 for who has none, and all is null where the shop has none."""


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
    blocks = [windows, habits, rhythm, preferences, rfm(_buyers(rhythm, windows), params)]
    told = _nulls(UNKNOWN)
    if facts["clicks"]["sessions"]:
        blocks.append(_numbered(clicks, customers))
        told |= {name: _[name].fill_null(0) for name, dtype in CLICKED.items() if dtype == "int64"}
    else:  # a join of nothing would be compiled and run like any other
        told |= _nulls(CLICKED)
    has_orders = bool(facts["orders"]["orders"])
    told["order_count"] = _.order_count.fill_null(0) if has_orders else ibis.null("int64")
    return beside(customers, *blocks).mutate(**told)


def _nulls(columns: dict[str, str]) -> dict[str, ir.Value | ibis.Deferred]:
    return {name: ibis.null(dtype) for name, dtype in columns.items()}


def _numbered(clicks: ir.Table, customers: ir.Table) -> ir.Table:
    """The clicks' rows by customer_number in place of customer_id."""
    numbers = customers.select("customer_id", "customer_number")
    return numbers.join(clicks, "customer_id").drop("customer_id")


def _buyers(rhythm: ir.Table, windows: ir.Table) -> ir.Table:
    """What buyers are scored by. Few columns: all of a customer's would go through every ranking."""
    spent = windows.select("customer_number", monetary=_.spent_lifetime.cast(MONEY_SUM))
    return rhythm.select("customer_number", "recency_days", "frequency").join(spent, "customer_number")
