"""The dataset's main table: one row per article known before the as-of."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from ml_etl.absent import Absent
from ml_etl.as_of import AsOf
from ml_etl.joins import beside
from ml_etl.pipelines.articles.categories import SEPARATOR
from ml_etl.pipelines.articles.changes import change_type, content_hash, with_hash_before
from ml_etl.pipelines.articles.contracts import CONTENTS, articles_contract
from ml_etl.pipelines.articles.params import ArticlesParams
from ml_etl.selects import chosen


def known_articles(articles: ir.Table, sales: ir.Table, as_of: AsOf) -> ir.Table:
    """The articles created before the as-of, or nobody knows when, or sold before it all the same: a shop
    that moved house may date them all by the day it did."""
    created_before = articles.created_on < ibis.literal(as_of.day)
    sold_before = articles.article_number.isin(sales.article_number)
    return articles.filter(articles.created_on.isnull() | created_before | sold_before)


def articles(
    described: ir.Table,
    market: ir.Table,
    paths: pa.Table,
    previous: ir.Table | Absent,
    params: ArticlesParams,
) -> ir.Table:
    """Everything about an article in one row."""
    table = beside(described.drop("price"), market, on="article_number")
    own_path, own_depth = _own_path(table, params)
    dated = table.mutate(
        own_path=own_path,
        own_depth=own_depth,
        known_from=ibis.least(_.created_on.fill_null(_.first_sold), _.first_sold.fill_null(_.created_on)),
        lifecycle_days=_.last_sold.delta(_.first_sold, unit="day") + 1,
        content_hash=content_hash(_.text, _.image_path),
    )
    found = with_hash_before(beside(dated, ibis.memtable(paths), on="category_id"), previous)
    columns = (column.name for column in articles_contract(params.sales_days).columns)
    return chosen(
        found,
        ("article_number", *columns),  # the number is sorted by, and not written
        category_path=found.tree_path.fill_null(found.own_path),
        category_depth=found.tree_depth.fill_null(found.own_depth),
        change_type=change_type(found, previous),
    )


def contents(articles: ir.Table) -> ir.Table:
    """What embeddings are made of: equal bytes mean that there is nothing to embed again."""
    return articles.select(*(column.name for column in CONTENTS.columns))


def _own_path(articles: ir.Table, params: ArticlesParams) -> tuple[ir.StringValue, ir.IntegerValue]:
    """Path and depth made of the parameter's columns, for who is in no tree; null where all are empty."""
    named = [articles[name].nullif("") for name in params.category_columns]
    written = [ibis.ifelse(part.notnull(), SEPARATOR + part, "") for part in named]
    joined = sum(written[1:], written[0]).substr(len(SEPARATOR))
    depth = sum((part.notnull().cast("int64") for part in named[1:]), named[0].notnull().cast("int64"))
    return joined.nullif(""), depth.nullif(0)
