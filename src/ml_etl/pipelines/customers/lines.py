"""What every block of customers starts from: purchase lines by day and by article, and returns."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import MONEY_SUM
from ml_etl.purchases import age_of


def purchase_days(purchases: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per (customer_number, t_dat) with a purchase: `age` in days, `lines`, `units`, `spent` of it.

    Of the lines, `online` ones of those whose channel is known (`channel_lines`), `discounted` ones of those
    whose prices are (`compared_lines`), and `free` ones.
    """
    days = purchases.group_by("customer_number", "t_dat").aggregate(
        lines=_.count(),
        units=_.units.sum().cast("int64"),
        spent=_.line_value.sum().cast(MONEY_SUM),
        online=_.count(where=_.sales_channel_id == 2).fill_null(0),
        channel_lines=_.sales_channel_id.count(),
        discounted=_.count(where=_.is_discounted).fill_null(0),
        compared_lines=_.is_discounted.count(),
        free=_.count(where=_.is_free).fill_null(0),
    )
    return days.mutate(age=age_of(days.t_dat, as_of))  # told per day, not per line


def bought_articles(purchases: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per (customer_number, article_number) bought: `age` of the last time, `lines`, `priced_lines`.

    `priced_lines` are those of merchandise with a unit price that were not free.
    """
    bought = purchases.group_by("customer_number", "article_number").aggregate(
        last=_.t_dat.max(),
        lines=_.count(),
        priced_lines=_.count(where=_.price.notnull() & ~_.is_free & _.is_merchandise).fill_null(0),
    )
    return bought.select(
        "customer_number", "article_number", "lines", "priced_lines", age=age_of(bought["last"], as_of)
    )


def returned_lines(transactions: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per return known before the as-of: customer_number, `value`, `age` of the day it came back.

    A return is a line of negative quantity, or a purchase whose `returned_on` is known by then.
    """
    came_back = (_.units > 0) & (_.returned_on < ibis.literal(as_of.day))
    day = ibis.ifelse(_.units < 0, _.t_dat, _.returned_on)
    return transactions.filter((_.units < 0) | came_back).select(
        "customer_number",
        value=_.line_value.abs(),
        age=age_of(day, as_of),
    )


def facts(purchases: ir.Table, orders: ir.Table, clicks: ir.Table) -> dict[str, ir.Table]:
    """One-row tables to run: what the shop can tell at all, and how far back it goes."""
    return {
        "purchases": purchases.aggregate(
            oldest=_.age.max(),
            channels=_.sales_channel_id.nunique(),
            stores=_.store_id.nunique(),
        ),
        "orders": orders.aggregate(orders=_.count(), statuses=_.payment_status.count()),
        "clicks": clicks.aggregate(sessions=_.count()),
    }
