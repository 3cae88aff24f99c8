"""What a reader should know beside the columns, and what the run's end shows of it."""

from typing import Any

import pandas as pd

from ml_etl.as_of import AsOf
from ml_etl.pipelines.reviews.params import ReviewsParams

_SENTIMENTS = {"vader_compound": "VADER", "learned_sentiment": "learned, out of fold"}


def card(
    facts: dict[str, dict[str, Any]],
    ratings: pd.DataFrame,
    aspects: pd.DataFrame,
    articles: pd.DataFrame,
    quality: dict[str, dict[str, Any]],
    model: dict[str, Any],
    vectors: dict[str, Any],
    checks: dict[str, Any],
    as_of: AsOf,
    params: ReviewsParams,
) -> dict[str, Any]:
    """Counts, measures, models; `highlights` are the tables a run ends with."""
    told = {name: _plain(value) for name, value in facts["reviews"].items()}
    return {
        "as_of": as_of.moment.isoformat(),
        "last_day": str(as_of.last_day),
        "timezone": as_of.timezone,
        "counts": told,
        "simulated_share": told["simulated"] / told["reviews"] if told["reviews"] else 0.0,
        "simulated": simulated(told["simulated"], told["reviews"]),
        "shop_kind": params.shop_kind,
        "sentiment": quality,
        "learned_model": {name: model[name] for name in ("models", "not_fitted", "weighting", "target")}
        | {"terms": len(model["terms"]), "folds": "by article; no equal text in training"},
        "vectors": vectors,
        "current_not_as_of": ["article_name", "category", "article_known", "helpful_count"],
        "source_rows": checks["tables"],
        "highlights": _highlights(told, ratings, aspects, articles, quality, model),
    }


def simulated(simulated: int, reviews: int) -> str:
    """What must be said wherever simulated reviews are shown; empty where none is."""
    if not simulated:
        return ""
    share = "all" if simulated == reviews else f"{simulated:,} of {reviews:,}"
    return f"SIMULATED: {share} reviews were made up by a program; they say nothing about the shop"


def _highlights(
    told: dict[str, Any],
    ratings: pd.DataFrame,
    aspects: pd.DataFrame,
    articles: pd.DataFrame,
    quality: dict[str, dict[str, Any]],
    model: dict[str, Any],
) -> dict[str, Any]:
    title = f"{told['reviews']:,} reviews of {told['articles']:,} articles"
    return {
        "title": title,
        "warning": simulated(told["simulated"], told["reviews"]),
        "tables": [
            _sentiments(quality, model),
            _ratings(ratings),
            _aspects(aspects),
            _counts(told),
            _articles(articles, "best", "top_praise", "praised"),
            _articles(articles, "worst", "top_complaint", "complaint"),
        ],
    }


def _table(title: str, columns: list[str], rows: list[list[str]], note: str = "") -> dict[str, Any]:
    return {"title": title, "columns": columns, "rows": rows, "note": note}


def _sentiments(quality: dict[str, dict[str, Any]], model: dict[str, Any]) -> dict[str, Any]:
    rows = [
        [name, f"{q['reviews']:,}", *(_number(q[key]) for key in ("auc", "balanced_accuracy", "accuracy"))]
        for name, q in ((said, quality[key]) for key, said in _SENTIMENTS.items())
    ]
    always = next((q["accuracy_always_positive"] for q in quality.values() if q["reviews"]), None)
    rows.append(["always positive", "", _number(0.5), _number(0.5), _number(always)])
    note = f"learned: not fitted, {model['not_fitted']}" if model["not_fitted"] else ""
    columns = ["sentiment", "reviews", "AUC", "balanced accuracy", "accuracy"]
    return _table("Does the text tell 4-5 stars from 1-2?", columns, rows, note)


def _ratings(ratings: pd.DataFrame) -> dict[str, Any]:
    total = max(int(ratings["reviews"].sum()), 1)
    rows = [
        [
            "★" * int(row.rating),
            f"{int(row.reviews):,}",
            f"{row.reviews / total:.1%}",
            "█" * round(30 * row.reviews / total),
        ]
        for row in ratings.sort_values("rating", ascending=False).itertuples()
    ]
    return _table("Ratings", ["stars", "reviews", "share", ""], rows)


def _aspects(aspects: pd.DataFrame) -> dict[str, Any]:
    rows = [
        [
            row.aspect,
            f"{int(row.complaints):,}",
            f"{int(row.praises):,}",
            _share(row.complaints, row.praises),
            _text(row.example),
        ]
        for row in aspects.itertuples()
    ]
    columns = ["aspect", "complaints", "praises", "complain", "such as"]
    return _table("Aspects, most complained of first", columns, rows)


def _articles(articles: pd.DataFrame, side: str, aspect: str, said: str) -> dict[str, Any]:
    shown = articles[articles["side"] == side].sort_values("place")
    rows = [
        [
            f"{_text(row.article_name)} ({row.article_id})",
            f"{int(row.rated_count):,}",
            f"{row.mean_rating:.2f}",
            f"{row.bayesian_rating:.2f}",
            _text(getattr(row, aspect)),
        ]
        for row in shown.itertuples()
    ]
    columns = ["article", "ratings", "mean", "Bayesian", said]
    return _table(
        f"{side.capitalize()} by Bayesian rating", columns, rows, "of articles with 5 ratings or more"
    )


def _counts(told: dict[str, Any]) -> dict[str, Any]:
    names = {
        "simulated": "SIMULATED",
        "english": "in English",
        "vectors": "with a sentence vector",
        "is_empty": "without text",
        "is_too_short": "too short",
        "is_duplicate": "duplicate texts",
        "is_spam": "like spam",
        "pii_found": "e-mail or phone masked",
        "undated": "without a date",
    }
    rows = [[said, f"{told[name]:,}"] for name, said in names.items() if told[name]]
    return _table(
        "Reviews that are", ["", "reviews"], rows, f"median length {told['median_words'] or 0:.0f} words"
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _share(part: int, other: int) -> str:
    return f"{part / (part + other):.0%}" if part + other else "–"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "–"


def _plain(value: Any) -> Any:
    return (
        int(value) if isinstance(value, int) or (isinstance(value, float) and value.is_integer()) else value
    )
