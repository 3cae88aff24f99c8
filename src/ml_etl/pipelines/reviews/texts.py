"""Every known review with its texts and flags, lazily: one row per review."""

import re
import string

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.as_of import AsOf
from ml_etl.contracts import masking
from ml_etl.pipelines.reviews.params import FlagParams, ReviewsParams
from ml_etl.purchases import age_of

UNKNOWN = "UNKNOWN"
_SPACE = r"[\s\p{Z}]+"
_URL = r"https?://[^\s\p{Z}]+|www\.[^\s\p{Z}]+"
_INVISIBLE = r"\p{Cf}+"
"""Zero-width signs and marks of direction: they hide words from a search."""
_UNSPACED = (
    r"\x{e00}-\x{eff}\x{1000}-\x{109f}\x{1780}-\x{17ff}"  # Thai, Lao, Burmese, Khmer
    r"\x{3040}-\x{30ff}\x{3400}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{3ffff}"  # kana, Chinese characters
)
"""Letters of scripts that put no spaces between words."""
_WIDE_SIGNS = r"\x{3001}-\x{303f}\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff20}"
"""The points and commas between such letters."""


def described(reviews: ir.Table, articles: ir.Table, as_of: AsOf, params: ReviewsParams) -> ir.Table:
    """One row per review: the source's columns, its texts, age, category and flags."""
    table = _with_article(reviews, articles, params)
    written = _as_written()  # a number may begin in the title
    table = table.mutate(
        sentiment_text=masking.masked(written),
        pii_found=_.pii_found | masking.has_personal_data(written),
        review_age_days=age_of(_.created_on, as_of),
    )
    table = table.mutate(text_clean=clean(_.sentiment_text)).mutate(word_count=words(_.text_clean))
    return _with_flags(table, params.flags)


def clean(text: ir.StringValue) -> ir.StringValue:
    """For search: lower case, without URLs and invisible signs (nor what they hid), spaces folded."""
    plain = text.lower().re_replace(_URL, " ").re_replace(_INVISIBLE, "")
    return masking.masked(plain.re_replace(_SPACE, " ")).strip()


def words(text: ir.StringValue) -> ir.IntegerValue:
    """Parts between single spaces; of scripts without spaces each letter, as word processors count them."""
    letters = text.re_replace(rf"[^{_UNSPACED}]+|\p{{M}}+", "").length()
    spaced = text.re_replace(f"[{_UNSPACED}{_WIDE_SIGNS} ]+", " ").strip()
    # Few texts are of such a script, and every letter of the others would be looked at.
    mixed = text.re_search(f"[{_UNSPACED}]")
    return ibis.ifelse(mixed, letters + _parts(spaced), _parts(text)).cast("int64")


def _parts(text: ir.StringValue) -> ir.IntegerValue:
    return ibis.ifelse(text == "", 0, text.split(" ").length())


def selected(described: ir.Table) -> ir.Table:
    """The end of the lazy part: what reading, learning and encoding need, by review_id."""
    return described.select(
        "review_id", "article_id", "rating", "sentiment_text", "text_clean", "word_count"
    ).order_by("review_id")


def _as_written() -> ir.StringValue:
    """ "title. text", or what there is of them."""
    both = _.title.notnull() & _.review_text.notnull()
    return ibis.ifelse(both, _.title + ". " + _.review_text, ibis.coalesce(_.title, _.review_text, ""))


def _with_article(reviews: ir.Table, articles: ir.Table, params: ReviewsParams) -> ir.Table:
    """article_name and category: the article's, else the one the review names."""
    about = articles.select(
        "article_id",
        article_name=_.prod_name.fill_null(_.product_type_name),
        article_category=_[params.category],
    )
    joined = reviews.left_join(about, "article_id")
    return joined.mutate(
        category=ibis.coalesce(_.article_category.nullif(""), _.category_name.nullif(""), UNKNOWN)
    ).drop("article_id_right", "article_category")


def _with_flags(table: ir.Table, params: FlagParams) -> ir.Table:
    """Empty, too short, duplicate (of the first review with the same clean text), spam."""
    same = ibis.window(
        group_by=["text_clean"], order_by=[_.created_at.asc(nulls_first=False), _.review_id.asc()]
    )
    long_enough = _.word_count >= params.duplicate_min_words
    table = table.mutate(place=ibis.row_number().over(same), first_id=_.review_id.first().over(same))
    return table.mutate(
        is_empty=_.sentiment_text == "",
        is_too_short=(_.sentiment_text != "") & (_.word_count < params.min_words),
        is_duplicate=long_enough & (_.place > 0),
        duplicate_of=ibis.ifelse(long_enough & (_.place > 0), _.first_id, ibis.null("string")),
        is_spam=_spam(params),
    ).drop("place", "first_id")


def _spam(params: FlagParams) -> ir.BooleanValue:
    """A link, a phrase of advertising, one character many times over, or much of it shouted."""
    runs = "|".join(f"{c}{{{params.spam_repeated_characters},}}" for c in string.ascii_lowercase)
    phrases = [rf"\b{re.escape(phrase.lower())}\b" for phrase in params.spam_phrases]
    lower = _.sentiment_text.lower()
    shouted = (_.sentiment_text.upper() == _.sentiment_text) & (lower != _.sentiment_text)
    return lower.re_search("|".join((_URL, *phrases, runs))) | (
        shouted & (_.word_count >= params.spam_shouted_words)
    )
