"""What is shown of a release: counts by rating, aspects, articles."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.joins import beside
from ml_etl.pipelines.reviews.summaries import opinions_of

_FLAGS = ("is_empty", "is_too_short", "is_duplicate", "is_spam", "pii_found")
_SHOWN = 5
_EXAMPLE_CHARACTERS = (20, 60)
_LEAST_RATINGS = 5
"""Articles of fewer ratings are not held up as the best or the worst."""


def facts(reviews: ir.Table) -> dict[str, ir.Table]:
    """One-row tables: how many reviews there are of each sort."""
    return {
        "reviews": reviews.aggregate(
            reviews=_.count(),
            articles=_.article_id.nunique(),
            customers=_.customer_id.nunique(),
            rated=_.rating.count(),
            simulated=_.simulated.sum().fill_null(0),
            undated=_.created_on.isnull().sum().fill_null(0),
            english=(_.language == "en").sum().fill_null(0),
            vectors=_.has_vector.sum().fill_null(0),
            median_words=_.word_count.median(where=_.word_count > 0),
            **{flag: _[flag].sum().fill_null(0) for flag in _FLAGS},
        )
    }


def by_rating(reviews: ir.Table) -> ir.Table:
    """One row per rating given: reviews, VADER's labels among them, the mean learned sentiment."""
    told = reviews.filter(_.rating.notnull())
    labels = {
        name: (_.vader_label == name).sum().fill_null(0) for name in ("positive", "neutral", "negative")
    }
    learned = (_.learned_sentiment * 1_000_000).round().cast("int64")
    return (
        told.group_by("rating")
        .aggregate(
            reviews=_.count(),
            simulated=_.simulated.sum(),
            learned=learned.sum() / (_.learned_sentiment.count().nullif(0) * 1_000_000),
            **labels,
        )
        .order_by("rating")
    )


def by_aspect(reviews: ir.Table, aspects: ir.Table) -> ir.Table:
    """One row per aspect: reviews that praise it, reviews that complain of it, and one complaint's words."""
    whole = reviews.mutate(everything=ibis.literal("all"))
    opinions = opinions_of(whole, aspects, "everything").drop("everything")
    told = beside(opinions, _examples(reviews, aspects), on="aspect")
    return told.order_by(_.complaints.desc(), "aspect")


def _examples(reviews: ir.Table, aspects: ir.Table) -> ir.Table:
    """Per aspect a complaint short enough to be shown: of the lowest rating, then found most helpful."""
    short = aspects.filter((_.polarity == "negative") & _.span.length().between(*_EXAMPLE_CHARACTERS))
    known = short.inner_join(reviews.select("review_id", "rating", "helpful_count", "is_spam"), "review_id")
    order = [known.rating.asc(nulls_first=False), known.helpful_count.desc(nulls_first=False)]
    place = ibis.row_number().over(
        ibis.window(group_by="aspect", order_by=[*order, known.review_id, known.start])
    )
    first = known.filter(~_.is_spam).mutate(place=place).filter(_.place == 0)
    return first.select("aspect", example=_.span)


def extremes(articles: ir.Table) -> ir.Table:
    """The best and the worst articles by Bayesian rating, of those with some ratings; side best or worst."""
    rated = articles.filter(_.rated_count >= _LEAST_RATINGS)
    sides = {"best": _.bayesian_rating.desc(), "worst": _.bayesian_rating.asc()}
    columns = (
        *("article_id", "article_name", "rated_count", "mean_rating", "bayesian_rating"),
        *("wilson_lower", "top_complaint", "top_praise"),
    )
    picked = []
    for side, order in sides.items():
        place = ibis.row_number().over(ibis.window(order_by=[order, _.article_id]))
        placed = rated.mutate(place=place, side=ibis.literal(side)).filter(_.place < _SHOWN)
        picked.append(placed.select("side", "place", *columns))
    return ibis.union(*picked).order_by("side", "place")
