"""Descriptions, filled where a sibling has one, and the one text of an article that is embedded."""

import functools

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.joins import beside
from ml_etl.pipelines.articles.params import ArticlesParams

_BETWEEN = ". "
_END = r"[.\s]+$"
"""What a part may end with: its full stop is ours."""


def texts(articles: ir.Table, params: ArticlesParams) -> ir.Table:
    """The articles with detail_desc filled, description_filled, its length and flags, and `text`.

    Where an article has no description, that of the article of the same product_code with the smallest id
    takes its place.
    """
    described = _described()
    siblings = (
        articles.filter(_.product_code.notnull() & described)
        .group_by("product_code")
        .aggregate(sibling_desc=_.detail_desc.argmin(_.article_id))
    )
    beside_siblings = beside(articles, siblings, on="product_code")
    filled = beside_siblings.mutate(
        detail_desc=ibis.ifelse(described, _.detail_desc, _.sibling_desc),
        description_filled=~described & _.sibling_desc.notnull(),
    )
    # Columns of their own: written out, each would stand in the text once for every other part.
    parts = {f"part_{n}": _part(filled[name]) for n, name in enumerate(params.text_columns)}
    told = filled.mutate(**parts)
    return told.select(
        *articles.columns,
        "description_filled",
        desc_length=_.detail_desc.length().fill_null(0).cast("int64"),
        has_description=_.detail_desc.notnull(),
        has_image=_.image_path.fill_null("") != "",
        text=_text([told[name] for name in parts]),
    )


def _described() -> ibis.Deferred:
    return _.detail_desc.fill_null("").strip() != ""


def _part(column: ir.StringColumn) -> ir.StringValue:
    """What the column says, without spaces and full stops at its end; empty where it is null."""
    stripped = column.strip()
    # Few parts end with a full stop, and a pattern is looked for all through a text.
    return ibis.ifelse(stripped.endswith("."), stripped.re_replace(_END, ""), stripped).fill_null("")


def _text(parts: list[ir.StringColumn]) -> ir.StringValue:
    """The parts that are there, each once, as sentences; empty where there are none."""
    text = functools.reduce(
        lambda written, i: written + _sentence(parts[i], parts[:i]), range(len(parts)), ibis.literal("")
    )
    return text.strip()


def _sentence(part: ir.StringValue, earlier: list[ir.StringValue]) -> ir.StringValue:
    silent = ibis.or_(part == "", *(part == other for other in earlier))
    return ibis.ifelse(silent, "", part + _BETWEEN)
