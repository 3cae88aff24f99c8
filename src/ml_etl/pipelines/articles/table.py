"""The dataset's main table: one row per article known before the as-of."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl.absent import Absent
from ml_etl.as_of import AsOf
from ml_etl.joins import beside
from ml_etl.pipelines.articles.categories import SEPARATOR
from ml_etl.pipelines.articles.changes import content_hash, with_changes
from ml_etl.pipelines.articles.contracts import CONTENTS, articles_contract
from ml_etl.pipelines.articles.params import ArticlesParams


def known_articles(articles: ir.Table, as_of: AsOf) -> ir.Table:
    """The articles created before the as-of, or nobody knows when."""
    return articles.filter(_.created_on.isnull() | (_.created_on < ibis.literal(as_of.day)))


def articles(
    described: ir.Table,
    market: ir.Table,
    paths: pa.Table,
    previous: ir.Table | Absent,
    params: ArticlesParams,
) -> ir.Table:
    """Everything about an article in one row."""
    table = beside(described.drop("price"), market, on="article_number")
    table = _with_path(table, paths, params).mutate(
        known_from=ibis.coalesce(_.created_on, _.first_sold),
        lifecycle_days=_.last_sold.delta(_.first_sold, unit="day") + 1,
        content_hash=content_hash(_.text, _.image_path),
    )
    changed = with_changes(table, previous)
    columns = (column.name for column in articles_contract(params.sales_days).columns)
    return changed.select("article_number", *columns)  # the number is sorted by, and not written


def contents(articles: ir.Table) -> ir.Table:
    """What embeddings are made of: equal bytes mean that there is nothing to embed again."""
    return articles.select(*(column.name for column in CONTENTS.columns))


def _with_path(articles: ir.Table, paths: pa.Table, params: ArticlesParams) -> ir.Table:
    """category_path and category_depth: the tree's, else made of the parameter's columns."""
    named = [articles[name].nullif("") for name in params.category_columns]
    written = [ibis.ifelse(part.notnull(), SEPARATOR + part, "") for part in named]
    joined = sum(written[1:], written[0]).substr(len(SEPARATOR))
    depth = sum((part.notnull().cast("int64") for part in named[1:]), named[0].notnull().cast("int64"))
    own = articles.mutate(own_path=joined.nullif(""), own_depth=depth.nullif(0))
    tree = ibis.memtable(paths)
    found = beside(own, tree, on="category_id")
    return found.mutate(
        category_path=_.tree_path.fill_null(_.own_path), category_depth=_.tree_depth.fill_null(_.own_depth)
    )
