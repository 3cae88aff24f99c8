"""Reviews, typed: people write freely, so their texts are made fit for what reads them."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import masking
from ml_etl.pipelines.staging.typing import complete, day_in, known_before, newest_known

_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_SEEN = r"[^\s\p{Z}\p{Cf}]"
"""Any sign but spaces of every kind and what nobody sees."""
_EDGES = r"^[\s\p{Z}]+|[\s\p{Z}]+$"
_REPLACED = "\ufffd"
_LARGEST = 2.0**53
_TEXTS = ("title", "review_text")


def prepare_reviews(landed: ir.Table, articles: ir.Table, as_of: AsOf) -> ir.Table:
    """One row per landed review known before the as-of; reviews without a date are known."""
    table = complete(newest_known(landed, as_of), "reviews", as_of)
    moment = ibis.literal(as_of.moment.replace(tzinfo=None))
    late = table.landed_at >= moment if "landed_at" in table.columns else False
    known = articles.select("article_id", article_known=True)
    table = table.mutate(created_on=day_in(table.created_at, as_of), landed_late=late)
    # Joined before anything uses the days: a join keeps their long expressions from being repeated.
    table = table.left_join(known, "article_id").mutate(
        article_known=_.article_known.fill_null(False),
        given_rating=_.rating,
        rating=_whole(_.rating),
        reviewer_age=_whole(_.reviewer_age),
        simulated=_.simulated.fill_null(False),
        pii_found=_.pii_found.fill_null(False),
    )
    return known_before(_with_texts(table), table.created_on, as_of)


def _whole(number: ibis.Deferred) -> ibis.Deferred:
    """As int64; null where it is none, which engines cast each in their own way."""
    return ibis.ifelse(number.abs() < _LARGEST, number, None).cast("int64")


def _with_texts(table: ir.Table) -> ir.Table:
    """Texts without control characters, null where nothing is left; and what was found in them.

    They are masked once more: an address may come to light when what was written into it is taken out.
    """
    given = [table[name].fill_null("") for name in _TEXTS]
    plain = {name: table[name].re_replace(_CONTROLS, "") for name in _TEXTS}
    hidden = [masking.has_personal_data(text) for text in plain.values()]
    return table.mutate(
        **{name: _stripped(masking.masked(text)) for name, text in plain.items()},
        pii_found=ibis.or_(_.pii_found, *hidden),
        has_controls=ibis.or_(*(text.re_search(_CONTROLS) for text in given)),
        has_replaced=ibis.or_(*(text.contains(_REPLACED) for text in given)),
        longest=ibis.greatest(*(text.length() for text in given)),
    )


def _stripped(text: ir.StringValue) -> ir.StringValue:
    """Without spaces around it; null where nothing can be seen."""
    return ibis.ifelse(text.re_search(_SEEN), text.re_replace(_EDGES, ""), ibis.null("string"))
