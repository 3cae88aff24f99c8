"""reviews, from staged tables to a release."""

from kedro.pipeline import Node, Pipeline

from ml_etl.pipelines.reviews.aspects import find_aspects
from ml_etl.pipelines.reviews.card import card
from ml_etl.pipelines.reviews.figures import aspects_picture, rating_distribution, sentiment_by_rating
from ml_etl.pipelines.reviews.keywords import bm25
from ml_etl.pipelines.reviews.learned import learn
from ml_etl.pipelines.reviews.overview import by_aspect, by_rating, extremes, facts
from ml_etl.pipelines.reviews.quality import judged, quality
from ml_etl.pipelines.reviews.reading import read_texts
from ml_etl.pipelines.reviews.release import measure, request, verify
from ml_etl.pipelines.reviews.summaries import article_sentiment, category_sentiment
from ml_etl.pipelines.reviews.table import reviews
from ml_etl.pipelines.reviews.texts import described, selected
from ml_etl.pipelines.reviews.tracking import track
from ml_etl.pipelines.reviews.vectors import encode

SOURCES = ("articles", "reviews")
"""The source tables it stands on."""

_PARAMS = "params:reviews"
_TABLE, _ASPECTS = "reviews.table", "reviews.aspects"


def create_pipeline() -> Pipeline:
    """Nodes tagged `reviews`; inputs: staged tables, `encoder.text`, `as_of`, `reviews.plan`."""
    return Pipeline([*_texts(), *_tables(), *_pictures(), *_release()], tags={"reviews"})


def _texts() -> list[Node]:
    """Where the lazy world ends: what is read out of the texts, one node per kind of reading."""
    return [
        Node(
            described,
            ["staging.reviews", "staging.articles", "as_of", _PARAMS],
            "reviews.described",
            name="describe_reviews",
        ),
        Node(selected, "reviews.described", "reviews.texts", name="select_review_texts"),
        Node(read_texts, ["reviews.texts", _PARAMS], "reviews.read", name="read_review_texts"),
        Node(
            learn,
            ["reviews.texts", _PARAMS],
            ["reviews.learned", "reviews.sentiment_model", "reviews.sentiment_vocabulary"],
            name="learn_sentiment",
        ),
        Node(find_aspects, ["reviews.texts", _PARAMS], _ASPECTS, name="find_aspects"),
        Node(
            encode,
            ["reviews.texts", "encoder.text", _PARAMS],
            [
                "reviews.vectors",
                "reviews.index",
                "reviews.embedded",
                "reviews.vector_card",
                "reviews.encoding",
            ],
            name="encode_reviews",
        ),
        Node(
            bm25,
            ["reviews.texts", _PARAMS],
            ["reviews.bm25", "reviews.bm25_vocabulary"],
            name="index_review_words",
        ),
    ]


def _tables() -> list[Node]:
    return [
        Node(
            reviews,
            ["reviews.described", "reviews.read", "reviews.learned", "reviews.embedded"],
            _TABLE,
            name="join_reviews",
        ),
        Node(
            article_sentiment,
            [_TABLE, _ASPECTS, _PARAMS],
            "reviews.article_sentiment",
            name="summarise_articles",
        ),
        Node(
            category_sentiment,
            [_TABLE, _ASPECTS, _PARAMS],
            "reviews.category_sentiment",
            name="summarise_categories",
        ),
        Node(judged, _TABLE, "reviews.judged", name="select_judged_reviews"),
        Node(quality, "reviews.judged", "reviews.quality", name="score_sentiments"),
    ]


def _pictures() -> list[Node]:
    return [
        Node(facts, _TABLE, "reviews.facts", name="count_reviews_by_sort"),
        Node(by_rating, _TABLE, "reviews.by_rating", name="count_ratings"),
        Node(by_aspect, [_TABLE, _ASPECTS], "reviews.by_aspect", name="count_opinions"),
        Node(extremes, "reviews.article_sentiment", "reviews.extremes", name="select_extreme_articles"),
        Node(rating_distribution, "reviews.by_rating", "reviews.rating_distribution", name="draw_ratings"),
        Node(
            sentiment_by_rating,
            "reviews.by_rating",
            "reviews.sentiment_by_rating",
            name="draw_sentiment_by_rating",
        ),
        Node(
            aspects_picture,
            ["reviews.by_aspect", "reviews.by_rating"],
            "reviews.aspects_picture",
            name="draw_aspects",
        ),
    ]


def _release() -> list[Node]:
    counts = [f"staging.{table}_counts" for table in SOURCES]
    return [
        Node(
            measure,
            [_TABLE, _ASPECTS, "reviews.article_sentiment", "reviews.category_sentiment", _PARAMS],
            "reviews.measures",
            name="measure_reviews",
        ),
        Node(
            verify,
            [
                "reviews.measures",
                "reviews.vectors",
                "reviews.index",
                "reviews.bm25",
                "reviews.plan",
                _PARAMS,
                *counts,
            ],
            "reviews.checks",
            name="verify_reviews",
        ),
        Node(
            card,
            [
                "reviews.facts",
                "reviews.by_rating",
                "reviews.by_aspect",
                "reviews.extremes",
                "reviews.quality",
                "reviews.sentiment_vocabulary",
                "reviews.vector_card",
                "reviews.checks",
                "as_of",
                _PARAMS,
            ],
            "reviews.card",
            name="describe_release_of_reviews",
        ),
        Node(
            track,
            ["reviews.card", "reviews.aspects_picture", "reviews.encoding", "reviews.plan", _PARAMS],
            "reviews.tracking",
            name="track_reviews",
        ),
        Node(
            request,
            [
                "reviews.checks",
                "reviews.plan",
                "reviews.tracking",
                "reviews.sentiment_model",
                "reviews.bm25_vocabulary",
                "reviews.rating_distribution",
                "reviews.sentiment_by_rating",
                "reviews.aspects_picture",
                "reviews.card",
            ],
            "reviews.release",
            name="release_reviews",
        ),
    ]
