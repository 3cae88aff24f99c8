"""Orders, their size and value, and how regularly a customer comes back."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.customers.params import CustomersParams


def order_sizes(orders: ir.Table, items: ir.Table) -> ir.Table:
    """One row per order: `items` (its lines, null without any) and `amount`.

    Items are summed before they meet their order: joined first, they would repeat its amount. An order's
    own total stands before the sum of its items, which is known where all of theirs are. Units are not
    counted: a shop may give fuel in them.
    """
    summed = items.group_by("order_id").aggregate(
        items=_.count(), valued=_.line_total.count(), value=_.line_total.sum().cast(MONEY_SUM)
    )
    summed = summed.select(
        "order_id", "items", items_value=ibis.ifelse(_.valued == _["items"], _.value, None)
    )
    joined = orders.left_join(summed, "order_id")
    return joined.select(
        customer_number=_.customer_number,
        items=_.items,
        amount=_.total_amount.cast(MONEY_SUM).fill_null(_.items_value),
        status=_.payment_status.lower(),
    )


def order_habits(sizes: ir.Table, params: CustomersParams) -> ir.Table:
    """One row per customer with orders: counts, means, and shares of the orders whose status is known."""
    known = _.status.count().nullif(0)
    return sizes.group_by("customer_number").aggregate(
        order_count=_.count(),
        items_per_order=_.items.sum().cast("int64") / _.items.count().nullif(0),
        average_order_value=_.amount.sum().cast(MONEY_SUM).cast("float64") / _.amount.count().nullif(0),
        returned_order_share=_.count(where=_.status.isin(params.orders.returned_statuses)) / known,
        pending_order_share=_.count(where=_.status.isin(params.orders.pending_statuses)) / known,
    )


def rhythm(days: ir.Table) -> ir.Table:
    """One row per buyer: recency_days, frequency, first and last day, mean and std of the days between.

    The std is the sample's, from whole sums: √((m·Σg² − (Σg)²) / (m·(m−1))) of m gaps; null below two.
    """
    ordered = ibis.window(group_by="customer_number", order_by="t_dat")
    gaps = days.mutate(gap=_.t_dat.delta(_.t_dat.lag().over(ordered), unit="day"))
    grouped = gaps.group_by("customer_number").aggregate(
        recency_days=_.age.min(),
        frequency=_.count(),
        first_purchase_date=_.t_dat.min(),
        last_purchase_date=_.t_dat.max(),
        gaps=_.gap.count(),
        total=_.gap.sum().cast("int64"),
        squares=(_.gap * _.gap).sum().cast("int64"),
    )
    spread = (_.gaps * _.squares - _.total * _.total) / (_.gaps * (_.gaps - 1)).nullif(0)
    return grouped.mutate(
        interpurchase_mean_days=_.total / _.gaps.nullif(0), interpurchase_std_days=spread.sqrt()
    ).drop("gaps", "total", "squares")
