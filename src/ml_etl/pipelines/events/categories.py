"""The categories the funnel is told by, and the days whose funnels change because a category does."""

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from ml_etl.absent import Absent
from ml_etl.errors import UsageError
from ml_etl.expressions import built_once
from ml_etl.parts import NewParts, StoredParts
from ml_etl.pipelines.events.behaviour import ARTICLE
from ml_etl.pipelines.events.contracts import shaped
from ml_etl.pipelines.events.count_contracts import COUNTED
from ml_etl.pipelines.events.days import PART
from ml_etl.pipelines.events.funnel_contracts import ARTICLE_CATEGORIES
from ml_etl.pipelines.events.known import stored
from ml_etl.pipelines.events.params import EventsParams
from ml_etl.pipelines.events.scope import Scope

_WHOLE = "all"
"""The table's only part: it is written when a category changes, and stays as it is else."""


def article_categories(articles: ir.Table | Absent, params: EventsParams) -> ir.Table:
    """One row per article that has a category; none where articles are not released.

    Raises:
        UsageError: the articles have no such column.
    """
    if isinstance(articles, Absent):
        return StoredParts.none(ARTICLE_CATEGORIES.schema).all()
    if params.category not in articles.columns:
        raise UsageError(
            f"events.category: the released articles have no column {params.category}; there are "
            f"{', '.join(articles.columns)}."
        )
    return _categories(articles, params.category)


@built_once
def _categories(articles: ir.Table, column: str) -> ir.Table:
    return articles.select("article_id", category=_[column].cast("string")).filter(_.category.notnull())


def recategorised(categories: ir.Table, before: StoredParts | Absent, scope: Scope) -> ir.Table:
    """The end of the lazy part: articles with another category than in the version that is added to."""
    known = shaped(stored(before, ARTICLE_CATEGORIES).all(), ARTICLE_CATEGORIES)
    changed = _recategorised(categories, known)
    return changed if scope.base else changed.limit(0)


@built_once
def _recategorised(categories: ir.Table, before: ir.Table) -> ir.Table:
    now = shaped(categories, ARTICLE_CATEGORIES)
    return now.difference(before).union(before.difference(now)).select("article_id").distinct()


def recategorised_days(counts: StoredParts | Absent, articles: pd.DataFrame) -> ir.Table:
    """The days with events of these articles, by the counts of the version that is added to.

    They are looked for in the whole history, but only when a category changed.
    """
    parts = stored(counts, COUNTED)
    known = shaped(parts.all() if len(articles) else parts.of(()), COUNTED).filter(_.level == ARTICLE)
    if len(articles):
        known = known.semi_join(ibis.memtable(articles).rename(id="article_id"), "id")
    return known.select("day").distinct()


def written_categories(categories: ir.Table, recategorised: pd.DataFrame, scope: Scope) -> NewParts:
    """The table, written anew where it changed."""
    table = shaped(categories, ARTICLE_CATEGORIES).mutate(part=ibis.literal(_WHOLE))
    if scope.base is None:
        return NewParts(table, PART)
    return NewParts(table, PART, (_WHOLE,) if len(recategorised) else (), scope.base)
