"""Exact sums per series and day, added up once: days and weeks are both told from them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.days import monday
from ml_etl.pipelines.timeseries.lines import total_number

_COUNTS = ("units", "merchandise_units", "lines", "priced_units")
_VALUES = ("revenue", "priced_value", "asked_value", "regular_value")
SUMS = (*_COUNTS, *_VALUES)
_KEY = ("number", "ds")


def sold_days(lines: ir.Table) -> ir.Table:
    """One row per series (`number`) and day with a purchase: SUMS, and the distinct `buyers`."""
    category = _summed(lines, lines.category, buyers=_.customer_number.nunique())
    total = _summed(lines, total_number(), buyers=_.customer_number.nunique())
    return ibis.union(*(t.select(*_KEY, *SUMS, "buyers") for t in (_article_days(lines), category, total)))


def weeks_of(days: ir.Table, lines: ir.Table) -> ir.Table:
    """One row per series and week with a purchase, `ds` its Monday: the days' sums, buyers counted anew."""
    sums = {name: _[name].sum().cast("int64") for name in _COUNTS}
    sums |= {name: _[name].sum().cast(MONEY_SUM) for name in _VALUES}
    weeks = days.group_by("number", week=monday(days.ds)).aggregate(**sums)
    return weeks.join(_weekly_buyers(lines), ["number", "week"]).rename(ds="week")


def _article_days(lines: ir.Table) -> ir.Table:
    """Few articles have two buyers a day: only on those days they are told apart."""
    many = _.customer_number.min() != _.customer_number.max()
    sums = _summed(lines, lines.article, several=many)
    shared = sums.filter(_.several).select(*_KEY)
    lines = lines.select("customer_number", number=lines.article, ds=lines.day)
    counted = lines.semi_join(shared, _KEY).group_by(*_KEY)
    joined = sums.left_join(counted.aggregate(buyers=_.customer_number.nunique()), _KEY)
    return joined.select(*_KEY, *SUMS, buyers=_.buyers.fill_null(1))


def _weekly_buyers(lines: ir.Table) -> ir.Table:
    of_category = lines.select("category", "week", "customer_number").distinct()
    counted = (
        lines.group_by("week", number=_.article).aggregate(buyers=_.customer_number.nunique()),
        of_category.group_by("week", number=_.category).aggregate(buyers=_.count()),
        of_category.group_by("week", number=total_number()).aggregate(buyers=_.customer_number.nunique()),
    )
    return ibis.union(*(table.select("number", "week", "buyers") for table in counted))


def _summed(lines: ir.Table, number: ir.IntegerValue, **more: ibis.Deferred) -> ir.Table:
    return lines.group_by(number=number, ds=lines.day).aggregate(
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
