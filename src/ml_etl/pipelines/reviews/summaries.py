"""What reviews say of an article, or of a category: means few reviews can't spoil, trends, complaints."""

import ibis
import ibis.expr.types as ir
from ibis import _

from ml_etl.joins import beside
from ml_etl.pipelines.reviews.contracts import summary_contract
from ml_etl.pipelines.reviews.params import ReviewsParams, SummaryParams

_POSITIVE = 4


def article_sentiment(reviews: ir.Table, aspects: ir.Table, params: ReviewsParams) -> ir.Table:
    """One row per reviewed article."""
    named = {"article_name": _.article_name.min(), "category": _.category.min()}
    return _summary(reviews, aspects, "article_id", params, named)


def category_sentiment(reviews: ir.Table, aspects: ir.Table, params: ReviewsParams) -> ir.Table:
    """One row per category with a review."""
    return _summary(reviews, aspects, "category", params, {"article_count": _.article_id.nunique()})


def _summary(
    reviews: ir.Table,
    aspects: ir.Table,
    key: str,
    params: ReviewsParams,
    more: dict[str, ibis.Deferred],
) -> ir.Table:
    counted = reviews.group_by(key).aggregate(**_sums(params.summary), **more)
    table = counted.cross_join(prior(reviews)).mutate(**_means(params.summary))
    opinions = opinions_of(reviews, aspects, key)
    for name, side in (("top_complaint", _.complaints), ("top_praise", _.praises)):
        best = _most_told(opinions, key, side, params.summary.min_complaints)
        best = best.rename({name: "aspect", f"{name}_reviews": "told"})
        table = beside(table, best, on=key)
    return table.select(*(column.name for column in summary_contract(key, params.summary.slope_days).columns))


def prior(reviews: ir.Table) -> ir.Table:
    """One row: C, the median of ratings per rated article, and m, the shop's mean rating."""
    rated = reviews.filter(_.rating.notnull())
    per_article = rated.group_by("article_id").aggregate(n=_.count(), stars=_.rating.sum())
    return per_article.aggregate(
        prior_count=per_article.n.median().cast("float64"),
        prior_mean=per_article.stars.sum().cast("float64") / per_article.n.sum(),
    )


def _sums(params: SummaryParams) -> dict[str, ibis.Deferred]:
    """Whole numbers all of them: exact, whatever the order of the rows."""
    sums = {
        "review_count": _.count(),
        "rated_count": _.rating.count(),
        "stars": _.rating.sum().fill_null(0),
        "good_count": (_.rating >= _POSITIVE).sum().fill_null(0),
        "simulated_count": _.simulated.sum().fill_null(0),
        "compounds": _.vader_compound.count(),
        "compound": (_.vader_compound * 10_000).round().cast("int64").sum(),
        "first_review_on": _.created_on.min(),
        "last_review_on": _.created_on.max(),
    }
    for days in params.slope_days:
        recent = (_.review_age_days < days) & _.rating.notnull()
        x, y = -_.review_age_days, _.rating
        terms = {"n": x * 0 + 1, "x": x, "y": y, "xx": x * x, "xy": x * y}
        sums |= {f"{name}_{days}": term.sum(where=recent).fill_null(0) for name, term in terms.items()}
    return sums


def _means(params: SummaryParams) -> dict[str, ibis.Deferred]:
    rated = _.rated_count.nullif(0)
    slopes = {f"rating_slope_{days}d": _slope(days) for days in params.slope_days}
    return {
        "mean_rating": _.stars / rated,
        "bayesian_rating": (_.prior_count * _.prior_mean + _.stars) / (_.prior_count + _.rated_count),
        "positive_share": _.good_count / rated,
        "wilson_lower": _wilson(_.good_count, rated, params.wilson_z),
        "mean_vader_compound": _.compound / (_.compounds.nullif(0) * 10_000),
        **slopes,
    }


def _wilson(good: ibis.Deferred, n: ibis.Deferred, z: float) -> ibis.Deferred:
    """The lower bound of Wilson's score interval (1927)."""
    share = good / n
    margin = z * (share * (1 - share) / n + z * z / (4 * n * n)).sqrt()
    return (share + z * z / (2 * n) - margin) / (1 + z * z / n)


def _slope(days: int) -> ibis.Deferred:
    """Least squares, stars per day; null unless reviews are of two days at least."""
    n, x, y, xx, xy = (_[f"{name}_{days}"] for name in ("n", "x", "y", "xx", "xy"))
    return (n * xy - x * y) / (n * xx - x * x).nullif(0)


def opinions_of(reviews: ir.Table, aspects: ir.Table, key: str) -> ir.Table:
    """Per key and aspect: in how many reviews it is complained of and praised, all its clauses weighed."""
    side = ibis.cases((_.polarity == "positive", 1), (_.polarity == "negative", -1), else_=0)
    weighed = aspects.group_by("review_id", "aspect").aggregate(side=side.sum())
    of_key = weighed.inner_join(reviews.select("review_id", key=reviews[key]), "review_id")
    opinions = of_key.group_by("key", "aspect").aggregate(
        complaints=(_.side < 0).sum(), praises=(_.side > 0).sum()
    )
    return opinions.rename({key: "key"})


def _most_told(opinions: ir.Table, key: str, told: ibis.Deferred, least: int) -> ir.Table:
    """Per key the aspect told of in most reviews, at least `least`; ties by name."""
    counted = opinions.select(key, "aspect", told=told).filter(_.told >= least)
    place = ibis.row_number().over(ibis.window(group_by=key, order_by=[_.told.desc(), _.aspect]))
    return counted.mutate(place=place).filter(_.place == 0).select(key, "aspect", "told")
