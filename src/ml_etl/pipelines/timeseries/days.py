"""Exact sums per series and day, added up once: days and weeks are both told from them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.timeseries.lines import ARTICLE, CATEGORY, TOTAL

_COUNTS = ("units", "merchandise_units", "lines", "priced_units")
_VALUES = ("revenue", "priced_value", "asked_value", "regular_value")
SUMS = (*_COUNTS, *_VALUES)


def sold_days(lines: ir.Table) -> ir.Table:
    """One row per series and day with a purchase: SUMS, and the distinct `buyers`."""
    category = _summed(lines, lines.category, buyers=_.customer_number.nunique())
    total = _summed(lines, ibis.literal(TOTAL), buyers=_.customer_number.nunique())
    levels = {ARTICLE: _article_days(lines), CATEGORY: category, TOTAL: total}
    return ibis.union(*(_at(level, table, "buyers") for level, table in levels.items()))


def weeks_of(days: ir.Table, lines: ir.Table) -> ir.Table:
    """One row per series and week with a purchase, `ds` its Monday: the days' sums, buyers counted anew."""
    sums = {name: _[name].sum().cast("int64") for name in _COUNTS}
    sums |= {name: _[name].sum().cast(MONEY_SUM) for name in _VALUES}
    monday = days.ds.truncate("W").cast("date")
    weeks = days.group_by("level", "unique_id", week=monday).aggregate(**sums)
    buyers = _weekly_buyers(lines)
    return weeks.join(buyers, ["level", "unique_id", "week"]).rename(ds="week")


def _article_days(lines: ir.Table) -> ir.Table:
    """Few articles have two buyers a day: only on those days they are told apart."""
    many = _.customer_number.min() != _.customer_number.max()
    sums = _summed(lines, lines.article_id, several=many)
    shared = sums.filter(_.several).select("unique_id", "ds")
    lines = lines.select("customer_number", unique_id=lines.article_id, ds=lines.day)
    counted = lines.semi_join(shared, ["unique_id", "ds"]).group_by("unique_id", "ds")
    joined = sums.left_join(counted.aggregate(buyers=_.customer_number.nunique()), ["unique_id", "ds"])
    return joined.select("unique_id", "ds", *SUMS, buyers=_.buyers.fill_null(1))


def _weekly_buyers(lines: ir.Table) -> ir.Table:
    of_category = lines.select("category", "week", "customer_number").distinct()
    counted = {
        ARTICLE: lines.group_by("week", unique_id=_.article_id).aggregate(buyers=_.customer_number.nunique()),
        CATEGORY: of_category.group_by("week", unique_id=_.category).aggregate(buyers=_.count()),
        TOTAL: of_category.group_by("week")
        .aggregate(buyers=_.customer_number.nunique())
        .mutate(unique_id=ibis.literal(TOTAL)),
    }
    keys = ("unique_id", "week", "buyers")
    return ibis.union(*(table.select(*keys, level=ibis.literal(level)) for level, table in counted.items()))


def _summed(lines: ir.Table, key: ir.StringValue, **more: ibis.Deferred) -> ir.Table:
    return lines.group_by(unique_id=key, ds=lines.day).aggregate(
        units=_.units.sum().cast("int64"),
        merchandise_units=ibis.ifelse(_.is_merchandise, _.units, 0).sum().cast("int64"),
        lines=_.count(),
        priced_units=_.priced_units.sum().cast("int64"),
        revenue=_.line_value.sum().cast(MONEY_SUM),
        priced_value=_.priced_value.sum().cast(MONEY_SUM),
        asked_value=_.asked_value.sum().cast(MONEY_SUM),
        regular_value=_.regular_value.sum().cast(MONEY_SUM),
        **more,
    )


def _at(level: str, table: ir.Table, *more: str) -> ir.Table:
    named = table.mutate(level=ibis.literal(level))
    return named.select("level", "unique_id", "ds", *SUMS, *more)
