"""The dataset's main table: one row per customer and article."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.contracts import MONEY_SUM
from ml_etl.pipelines.interactions import scores
from ml_etl.pipelines.interactions.blocks import by_block
from ml_etl.pipelines.interactions.contracts import INTERACTIONS
from ml_etl.pipelines.interactions.params import InteractionsParams
from ml_etl.pipelines.interactions.signals import with_signals

_KEY = ["customer_number", "article_number"]


def interactions(
    purchases: ir.Table,
    days: ir.Table,
    returned: ir.Table,
    customers: ir.Table,
    articles: ir.Table,
    blocks: pd.DataFrame,
    quotients: ir.Table,
    facts: dict[str, dict[str, Any]],
    signals: ir.Table,
    events_known: bool,
    params: InteractionsParams,
) -> list[ir.Table]:
    """One row per (customer_id, article_id) that was bought before the as-of; a table per block.

    With the numbers of both, which have the order of the ids and are sorted in a third of the time.
    """
    known, names = facts["purchases"], customers.select("customer_number", "customer_id")
    what = articles.select("article_number", "article_id")
    found = []
    for lines, bought, back, clicked, who in by_block(blocks, purchases, days, returned, signals, names):
        counted = _counted(scores.decayed(lines, quotients, known, params.weight), params)
        pairs = _pairs(counted, bought, back, known, params)
        table = with_signals(pairs, clicked, events_known)
        table = table.join(who, "customer_number").join(what, "article_number")
        found.append(table.select(*(column.name for column in INTERACTIONS.columns), *_KEY))
    return found


def _pairs(
    counted: ir.Table,
    days: ir.Table,
    returned: ir.Table,
    known: dict[str, Any],
    params: InteractionsParams,
) -> ir.Table:
    # Days with a second line are few: to count all days of all pairs would be a second grouping as large.
    again = days.filter(_.purchase_count > 1).group_by(*_KEY)
    again = again.aggregate(lines_again=(_.purchase_count - 1).sum().cast("int64"))
    pairs = counted.left_join(again, _KEY, rname="{name}_again")
    pairs = pairs.mutate(purchase_days=_.purchase_count - _.lines_again.fill_null(0))
    pairs = pairs.left_join(returned, _KEY, rname="{name}_returned")
    tells_channels = (known["channels"] or 0) > 1
    return pairs.mutate(
        net_spent=(_.total_spent - _.returned_value.fill_null(0)).cast(MONEY_SUM),
        online_share=_.online_lines / _.channel_lines.nullif(0) if tells_channels else ibis.null("float64"),
        discount_share=_.discounted_lines / _.compared_lines.nullif(0),
        is_repurchase=_.purchase_days > 1,
        mean_gap_days=_.last_purchase_date.delta(_.first_purchase_date, unit="day")
        / (_.purchase_days - 1).nullif(0),
        score_hyperbolic=scores.hyperbolic(_.purchase_count, _.recency_days),
        score_trend=_.score_trend.fill_null(0.0),
    ).mutate(days_until_due=_.mean_gap_days - _.recency_days, score=_[params.default_score])


def _counted(lines: ir.Table, params: InteractionsParams) -> ir.Table:
    """What one grouping of the lines can tell."""
    priced = _.price.notnull() & ~_.is_free
    return lines.group_by(*_KEY).aggregate(
        purchase_count=_.count(),
        unit_count=_.units.sum().cast("int64"),
        total_spent=_.line_value.sum().cast(MONEY_SUM),
        total_paid=_.paid.sum().cast(MONEY_SUM),
        mean_price=_.price.mean(where=priced).cast("float64"),
        first_purchase_date=_.t_dat.min(),
        last_purchase_date=_.t_dat.max(),
        recency_days=_.age.min(),
        online_lines=_.count(where=_.sales_channel_id == 2),
        channel_lines=_.sales_channel_id.count(),
        discounted_lines=_.count(where=_.is_discounted),
        compared_lines=_.is_discounted.count(),
        free_count=_.is_free.sum(),
        is_merchandise=_.is_merchandise.any(),
        **scores.summed(params.weight),
    )
