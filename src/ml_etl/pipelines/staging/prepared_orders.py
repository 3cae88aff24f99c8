"""Orders as they were before the as-of, and their items."""

import ibis
import ibis.expr.types as ir

from ml_etl.as_of import AsOf
from ml_etl.pipelines.staging import contracts
from ml_etl.pipelines.staging.typing import complete, moment_known_before, typed


def prepare_orders(landed: ir.Table, customers: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed version of an order, of those known before the as-of."""
    table = typed(complete(landed, "orders", as_of), contracts.ORDERS)
    told = "updated_at" in landed.columns
    versions = _as_it_was(table, as_of) if told else table.mutate(updated_later=False)
    known = moment_known_before(versions, versions.order_date, as_of)
    return known.left_join(customers.select("customer_id", "customer_number"), "customer_id")


def _as_it_was(orders: ir.Table, as_of: AsOf) -> ir.Table:
    """Without versions of the as-of or later. An order that has no other keeps what does not change: its
    status and its amount may have become what they are since."""
    later = (orders.updated_at >= ibis.literal(as_of.moment.replace(tzinfo=None))).fill_null(False)
    marked = orders.mutate(updated_later=later)
    known = marked.filter(~marked.updated_later)
    unknown = {name: ibis.null(orders[name].type()) for name in ("total_amount", "payment_status")}
    later_alone = marked.filter(marked.updated_later).anti_join(known, "order_id")
    overwritten = later_alone.mutate(**unknown, invalid_number=False)
    return known.union(overwritten.select(*known.columns))


def prepare_order_items(landed: ir.Table, articles: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed order item known before the as-of."""
    counted = {"quantity": landed.quantity} if "quantity" in landed.columns else {}
    items = complete(landed, "order_items", as_of, **counted)
    value = items.line_total.fill_null(items.unit_price * items.quantity.fill_null(1))
    table = typed(items.mutate(line_total=value), contracts.ORDER_ITEMS)
    table = moment_known_before(table, table.order_date, as_of)
    return table.left_join(articles.select("article_id", article_known=True), "article_id")
