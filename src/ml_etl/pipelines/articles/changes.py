"""What changed since the previous release, and whether it is enough to embed the articles again."""

from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.absent import Absent
from ml_etl.joins import beside
from ml_etl.pipelines.articles.params import ArticlesParams

NEW, CHANGED, UNCHANGED, REMOVED = "new", "changed", "unchanged", "removed"


def content_hash(text: ir.StringValue, image: ir.StringValue) -> ir.StringValue:
    """sha256 (hex) of what embeddings are made of: the text, and the image's path."""
    return (text + "\n" + image.fill_null("")).hexdigest("sha256")


def with_hash_before(articles: ir.Table, previous: ir.Table | Absent) -> ir.Table:
    """Add the previous release's content_hash as `hash_before`, if there was one."""
    if isinstance(previous, Absent):
        return articles
    return beside(articles, previous.select("article_id", hash_before=_.content_hash), on="article_id")


def change_type(articles: ir.Table, previous: ir.Table | Absent) -> ir.StringValue:
    """By content_hash and hash_before; without a previous release everything is new."""
    if isinstance(previous, Absent):
        return ibis.literal(NEW)
    before = articles.hash_before
    return ibis.cases((before.isnull(), NEW), (before == articles.content_hash, UNCHANGED), else_=CHANGED)


def changes(articles: ir.Table, previous: ir.Table | Absent) -> ir.Table:
    """One row per article that is new, changed or removed, with its content hash now and before."""
    if isinstance(previous, Absent):
        return articles.select("article_id", "change_type", "content_hash", previous_hash=ibis.null("string"))
    before = previous.select("article_id", previous_hash=_.content_hash)
    now = articles.filter(_.change_type != UNCHANGED).select("article_id", "change_type", "content_hash")
    found = beside(now, before, on="article_id")
    gone = before.anti_join(articles, "article_id").select(
        "article_id",
        change_type=ibis.literal(REMOVED),
        content_hash=ibis.null("string"),
        previous_hash=_.previous_hash,
    )
    return found.union(gone)


def count_changes(articles: ir.Table, changed: ir.Table) -> dict[str, ir.Table]:
    """One row to run: how many articles there are, and how many are of each kind of change."""
    kinds = changed.aggregate(
        **{kind: (_.change_type == kind).sum().fill_null(0) for kind in (NEW, CHANGED, REMOVED)}
    )
    return {"changes": articles.aggregate(articles=_.count()).cross_join(kinds)}


def catalog_change(
    counts: dict[str, dict[str, int]], previous: ir.Table | Absent, params: ArticlesParams
) -> dict[str, Any]:
    """Counts, shares of the articles, the decision to embed again, and its reasons in words."""
    found = counts["changes"]
    total = found["articles"]
    moved = {kind: found[kind] for kind in (NEW, CHANGED, REMOVED)}
    shares = {kind: count / total if total else 0.0 for kind, count in moved.items()}
    reasons = _reasons(isinstance(previous, Absent), moved, total, params)
    unchanged = total - moved[NEW] - moved[CHANGED]
    return {
        "articles": total,
        "counts": {**moved, UNCHANGED: unchanged},
        "shares": shares,
        "catalog_changed": bool(reasons),
        "reasons": reasons,
    }


def _reasons(first: bool, moved: dict[str, int], total: int, params: ArticlesParams) -> list[str]:
    if first:
        return ["first release"]
    limits, count = params.catalog_change, sum(moved.values())
    told = ", ".join(f"{moved[kind]:,} {kind}" for kind in moved)
    reasons = []
    if count >= limits.articles:
        reasons.append(f"{count:,} articles moved ({told}); the limit is {limits.articles:,}")
    if total and count / total >= limits.share and count:
        reasons.append(f"{count / total:.2%} of the articles moved ({told}); the limit is {limits.share:.2%}")
    return reasons
