"""Purchase lines and returns known before the as-of, with their age: what every dataset starts from."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf

BLOCK_DAYS = 7


def purchases(transactions: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per purchase line. `age` in days, 0 on the last complete day; `block` counts weeks back.

    `is_discounted` is null where a unit price or the regular one is not known.
    """
    bought = transactions.filter(_.units > 0)
    age = age_of(bought.t_dat, as_of)
    return bought.mutate(
        age=age,
        block=age // BLOCK_DAYS,
        is_free=_.line_value == 0,
        is_discounted=_.regular_price > _.price,
    )


def age_of(day: ir.DateValue, as_of: AsOf) -> ir.IntegerValue:
    """Days before the last complete one."""
    return -day.delta(ibis.literal(as_of.last_day), unit="day")


def returns(transactions: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per (customer_number, article_number): the value returned before the as-of.

    A return is a line of negative quantity, or a purchase whose `returned_on` is known by then.
    """
    came_back = (_.units > 0) & (_.returned_on < ibis.literal(as_of.day))
    return (
        transactions.filter((_.units < 0) | came_back)
        .group_by("customer_number", "article_number")
        .aggregate(returned_value=_.line_value.abs().sum().cast("decimal(38, 12)"))
    )
