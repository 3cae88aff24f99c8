"""What a customer bought in the last 30, 90, 180, 365 days and ever."""

from collections.abc import Callable, Iterator

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.customers.demographics import beside
from ml_etl.selects import chosen

WINDOWS: dict[str, int | None] = {"30d": 30, "90d": 90, "180d": 180, "365d": 365, "lifetime": None}
"""Days back from the as-of, each with today's age 0; null: everything known."""

MEASURES = (
    "transaction_count",
    "unit_count",
    "spent",
    "net_spent",
    "distinct_articles",
    "active_days",
)
NAMES = tuple(f"{measure}_{window}" for window in WINDOWS for measure in MEASURES)


def windows(customers: ir.Table, days: ir.Table, articles: ir.Table, back: ir.Table) -> ir.Table:
    """One row per customer: `<measure>_<window>`, 0 where nothing was bought.

    A window is of purchase days; returns reduce `net_spent` in the window of the day they come back.
    """
    zero = ibis.literal(0).cast(MONEY_SUM)
    blocks = (
        _per_window(days, _of_days),
        _per_window(articles, lambda window: {"distinct_articles": _.count(where=window)}),
        _per_window(back, lambda window: {"returned": _money(_.value, window)}),
    )
    table = beside(customers.select("customer_number"), *blocks)
    net = {
        f"net_spent_{name}": (
            table[f"spent_{name}"].fill_null(zero) - table[f"returned_{name}"].fill_null(zero)
        ).cast(MONEY_SUM)
        for name in WINDOWS
    }
    filled = {
        name: table[name].fill_null(zero if name.startswith("spent") else 0)
        for name in NAMES
        if not name.startswith("net_spent")
    }
    return chosen(table, ("customer_number", *NAMES), **net, **filled)


def _of_days(window: ir.BooleanValue) -> dict[str, ibis.Deferred]:
    return {
        "transaction_count": _.lines.sum(where=window).fill_null(0).cast("int64"),
        "unit_count": _.units.sum(where=window).fill_null(0).cast("int64"),
        "spent": _money(_.spent, window),
        "active_days": _.count(where=window),
    }


def _money(value: ir.DecimalValue, window: ir.BooleanValue) -> ir.DecimalValue:
    return value.sum(where=window).fill_null(0).cast(MONEY_SUM)


def _per_window(table: ir.Table, measures: Callable[[ir.BooleanValue], dict[str, ibis.Deferred]]) -> ir.Table:
    """The table's rows summed per customer, for each window."""

    def columns() -> Iterator[tuple[str, ibis.Deferred]]:
        for name, days in WINDOWS.items():
            window = table.age.notnull() if days is None else table.age < days
            for measure, value in measures(window).items():
                yield f"{measure}_{name}", value

    return table.group_by("customer_number").aggregate(**dict(columns()))
